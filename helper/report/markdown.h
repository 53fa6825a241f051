/* Inside the Markdown report. What comes from the repository goes through md_code or md_text: it can
 * open no link, image, HTML, mention, heading or fence. */
#ifndef MARKDOWN_H
#define MARKDOWN_H

#include "report/report.h"

/* `text` as a code span, behind a fence longer than any inside. */
void md_code(struct buf *out, const char *text);
/* A sentence of ours that may quote the repository: what stands between ticks is code, and so becomes every
 * word with any meaning to Markdown. */
void md_text(struct buf *out, const char *text);
/* What a finding says, with its subject as one code span. */
void md_message(struct buf *out, const struct result *r, const struct finding *f);
/* A cell of a table: what is written between the two calls cannot end it. The first of a line opens the row. */
size_t md_cell(struct buf *out);
void md_cell_end(struct buf *out, size_t cell);
/* "`path:line`" and, inside a string, the line there. */
void md_spot(struct buf *out, const struct result *r, struct place p);
/* A fenced block of the lines around a place, secrets hidden, lines cut; part of a list item. */
void md_excerpt(struct buf *out, const struct result *r, struct place p);

/* Parts of the report, each named like its FILL mark. */
void md_issues(const struct result *r, struct buf *out);
void md_recommendations(const struct result *r, struct buf *out);
void md_data_flow(const struct result *r, struct buf *out);
void md_deployment_data(const struct result *r, struct buf *out);
void md_operator_surface(const struct result *r, struct buf *out);
void md_done_well(const struct result *r, struct buf *out);
void md_trust_model(const struct result *r, struct buf *out);
void md_verification_checklist(const struct result *r, struct buf *out);

/* Rows beyond a cap are counted, with where to find them. */
void md_rest(struct buf *out, size_t shown_rows, size_t all, const char *what);

/* mermaid.c: services, operator inputs, hosts and the boundary, as a Mermaid flowchart for each deployment.
 * False when there is no deployed service to draw. */
bool mermaid_flow(const struct result *r, struct buf *out);

#endif
