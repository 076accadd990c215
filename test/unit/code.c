/* core/code.c: codes that look the same are the same, or are told apart by a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code.h"

/* Tidy a code; what it becomes, and the first character that was odd. */
static const char *
tidy(const char *code, uint32_t *odd)
{
	static char to[100];
	size_t length = strlen(code);
	size_t n = stp_core_code_tidy(code, length, to, odd);

	assert_true(n <= length);
	to[n] = '\0';
	return to;
}

static void
assert_tidies(const char *code, const char *expected, uint32_t expected_odd, const char *name)
{
	uint32_t odd;

	assert_string_equal(tidy(code, &odd), expected);
	assert_int_equal(odd, expected_odd);
	assert_string_equal(stp_core_code_name(odd), name);
	assert_false(stp_core_code_is_plain(code, strlen(code)));
	/* Once tidy, it stays so. */
	assert_string_equal(tidy(expected, &odd), expected);
	assert_int_equal(odd, 0);
}

static void
test_what_cannot_be_seen_goes(void **state)
{
	(void) state;
	assert_tidies("RN1 ", "RN1", ' ', "SPACE");
	assert_tidies("  RN1", "RN1", ' ', "SPACE");
	assert_tidies("RN1\t", "RN1", '\t', "TAB");
	assert_tidies("RN1\r", "RN1", '\r', "CARRIAGE RETURN");
	assert_tidies("RN1\r\n", "RN1", '\r', "CARRIAGE RETURN");
	assert_tidies("RN1\xc2\xa0", "RN1", 0xA0, "NO-BREAK SPACE");
	assert_tidies("\xef\xbb\xbfRN1", "RN1", 0xFEFF, "BYTE ORDER MARK");
	assert_tidies("R\xe2\x80\x8bN1", "RN1", 0x200B, "ZERO WIDTH SPACE");
	assert_tidies("RN\xc2\xad"
				  "1",
				  "RN1", 0xAD, "SOFT HYPHEN");
	assert_tidies("RN1\xe3\x80\x80", "RN1", 0x3000, "IDEOGRAPHIC SPACE");
	assert_tidies("RN1\xe2\x80\xaf", "RN1", 0x202F, "NARROW NO-BREAK SPACE");
	assert_tidies("\xe2\x80\x8eRN1", "RN1", 0x200E, "LEFT-TO-RIGHT MARK");
	assert_tidies("RN1\xe2\x80\xa9", "RN1", 0x2029, "PARAGRAPH SEPARATOR");
	assert_tidies("RN1\x1b", "RN1", 0x1B, "CONTROL CHARACTER");
	assert_tidies("RN1\xf3\xa0\x80\xa0", "RN1", 0xE0020, "TAG CHARACTER");
	assert_tidies(" \t\xc2\xa0", "", ' ', "SPACE");
}

static void
test_a_space_between_words_stays(void **state)
{
	uint32_t odd;

	(void) state;
	assert_true(stp_core_code_is_plain("do nothing", 10));
	assert_string_equal(tidy("do nothing", &odd), "do nothing");
	assert_int_equal(odd, 0);
	assert_tidies("do\xc2\xa0nothing", "do nothing", 0xA0, "NO-BREAK SPACE");
	assert_tidies("do nothing ", "do nothing", ' ', "SPACE");
}

static void
test_what_can_be_seen_stays(void **state)
{
	static const char *const codes[] = {"", "RN1", "caf\xc3\xa9", "\xe2\x82\xac",
										"\xf0\x9f\x8f\xa5",
										/* no UTF-8 */
										"\xff\xfe", "caf\xe9", "\xc2", "\xe2\x80", "\xa0"};
	uint32_t odd;

	(void) state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
	{
		assert_string_equal(tidy(codes[i], &odd), codes[i]);
		assert_int_equal(odd, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_cannot_be_seen_goes),
									   cmocka_unit_test(test_a_space_between_words_stays),
									   cmocka_unit_test(test_what_can_be_seen_stays)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
