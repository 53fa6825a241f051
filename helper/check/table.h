/* One row a check: rule id, function. Included several times, so without a guard; keep rows
 * under the file that holds the function. */

/* env.c */
/* image.c */
/* platform.c */
/* build.c */
/* code.c */
/* secrets.c */
/* attest.c */
/* contracts.c */
/* network.c */
/* evidence.c */
