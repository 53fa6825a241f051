/* One row a check: rule id, function. Included several times, so without a guard; keep rows
 * under the file that holds the function. */

/* env.c */
/* image.c */
CHECK("image-not-pinned", check_image_not_pinned)
CHECK("image-digest-malformed", check_image_digest_malformed)
CHECK("pull-policy-refreshes-tag", check_pull_policy)
CHECK("base-image-not-pinned", check_base_image_not_pinned)
CHECK("closed-binary-in-image", check_closed_binary)
CHECK("image-started-by-script", check_image_in_script)
CHECK("image-in-code-not-pinned", check_image_in_code)
CHECK("guest-agent-shared", check_guest_agent_shared)
/* platform.c */
/* build.c */
/* code.c */
/* secrets.c */
/* attest.c */
/* contracts.c */
/* network.c */
/* evidence.c */
