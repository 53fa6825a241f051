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
CHECK("committed-secret", check_committed_secret)
CHECK("secret-in-file", check_secret_in_file)
CHECK("development-key", check_development_key)
CHECK("secret-in-compose", check_secret_in_compose)
CHECK("secret-file-readable", check_secret_file_readable)
/* attest.c */
CHECK("quote-presence-check", check_quote_presence)
CHECK("attested-key-unbound", check_attested_key_unbound)
CHECK("verification-by-status", check_verification_by_status)
CHECK("nonce-not-checked", check_nonce_not_checked)
CHECK("evidence-endpoint-configurable", check_evidence_endpoint)
CHECK("measurements-not-compared", check_measurements)
CHECK("evidence-only-printed", check_evidence_printed)
CHECK("event-log-any-register", check_event_register)
CHECK("event-digest-skipped", check_events_skipped)
CHECK("verifier-asserts", check_verifier_asserts)
/* quote.c */
CHECK("report-data-constant", check_report_data_constant)
CHECK("report-data-unbound", check_report_data_unbound)
CHECK("quote-truncated", check_quote_truncated)
CHECK("quote-optional", check_quote_optional)
CHECK("own-metadata-relayed", check_own_page)
CHECK("key-published", check_key_published)
/* fallback.c */
CHECK("mismatch-tolerated", check_mismatch_tolerated)
CHECK("verification-only-logged", check_verification_logged)
CHECK("verification-skipped", check_verification_skipped)
CHECK("auth-open-when-unset", check_auth_open)
CHECK("tee-fallback", check_tee_fallback)
CHECK("fails-open", check_fails_open)
CHECK("verification-error-ignored", check_verification_ignored)
CHECK("starts-without-tee", check_starts_without_tee)
CHECK("default-secret", check_default_secret)
/* contracts.c */
CHECK("upgrade-without-notice", check_upgrade_without_notice)
CHECK("contract-upgrades-enabled", check_contract_upgrades)
CHECK("any-device-allowed", check_any_device)
CHECK("notice-period-short", check_notice_short)
CHECK("notice-period-unbounded", check_notice_unbounded)
CHECK("contract-single-owner", check_single_owner)
CHECK("boot-ignores-tcb", check_boot_ignores_tcb)
CHECK("hash-allowed-without-event", check_hash_without_event)
CHECK("proposal-never-expires", check_proposal_expiry)
CHECK("kms-not-on-chain", check_kms_not_on_chain)
/* network.c */
CHECK("third-party-script", check_third_party_script)
CHECK("centralised-frontend", check_centralised_frontend)
CHECK("plaintext-before-enclave", check_plaintext_before_enclave)
CHECK("hosted-database-sdk", check_hosted_database)
CHECK("messenger-sees-messages", check_messenger)
CHECK("model-provider-sees-text", check_model_provider)
CHECK("model-passed-through", check_model_passed_through)
CHECK("plain-http", check_plain_http)
CHECK("tls-off-in-command", check_tls_off_in_command)
/* evidence.c */
