#include "tools/cmd.h"
#include "tools/doc.h"
#include "tools/options.h"
#include "tools/report.h"

#include <inttypes.h>
#include <stdio.h>

struct check {
	struct call *call;
	json_t *findings; /* with --json, else NULL */
};

static const char *severity_name(enum ring_severity severity)
{
	switch (severity) {
	case RING_NOTE:
		return "note";
	case RING_WARN:
		return "warning";
	case RING_DAMAGE:
		return "damage";
	}
	return "?";
}

static json_t *finding_doc(const struct ring_finding *f)
{
	return json_pack("{s:s, s:s, s:o, s:I, s:I, s:I}", "severity",
			 severity_name(f->severity), "code",
			 f->code == 0 ? "" : ring_error_name(f->code), "text",
			 doc_text(f->text), "offset",
			 (json_int_t)f->offset_bytes, "length",
			 (json_int_t)f->length_bytes, "position",
			 (json_int_t)f->position);
}

static void print_finding(const struct ring_finding *f)
{
	printf("%s: %s (offset %" PRIu64, severity_name(f->severity), f->text,
	       f->offset_bytes);
	if (f->length_bytes != 0)
		printf(", %" PRIu64 " bytes", f->length_bytes);
	if (f->position != 0)
		printf(", position %" PRIu64, f->position);
	puts(")");
}

static void on_finding(void *ctx, const struct ring_finding *finding)
{
	struct check *check = ctx;

	if (check->findings == NULL)
		print_finding(finding);
	else
		json_array_append_new(check->findings, finding_doc(finding));
}

static int print_result(struct check *check, int bad)
{
	const char *path = check->call->path;
	int rc = bad == 0 ? EXIT_OK : EXIT_DAMAGE;

	if (check->call->json) {
		json_t *doc = json_pack(
			"{s:o, s:b, s:i, s:O}", "path", doc_text(path), "clean",
			bad == 0, "bad", bad, "findings", check->findings);

		return doc_print(doc) == EXIT_OK ? rc : EXIT_ERROR;
	}
	if (bad == 0)
		printf("'%s': clean\n", path);
	else
		printf("'%s': %d bad finding%s\n", path, bad,
		       bad == 1 ? "" : "s");
	return rc;
}

int cmd_check(struct call *call)
{
	static const struct option_spec none[] = { { 0 } };
	struct check check = { .call = call };
	int rc = options_parse(call, none);

	if (rc != OPTIONS_RUN)
		return rc;
	if (call->json)
		check.findings = json_array();
	rc = ring_check(call->path, &call->ring, on_finding, &check);
	if (rc < 0 && call->json)
		call->detail = json_pack("{s:O}", "findings", check.findings);
	rc = rc < 0 ? report_code(call, rc) : print_result(&check, rc);
	json_decref(check.findings);
	return rc;
}
