/*
 * core/code.c: a blank at either end of a code, and a character without any width anywhere, make a
 * second code that nobody can tell from the first.
 */
#include "code.h"

#include "pause.h"

/* What cannot be seen: of some width, which is a blank within a code, or of none. */
typedef struct Invisible
{
	uint32_t first, last;
	bool is_blank;
	const char *name;
} Invisible;

/* The names are those of Unicode; those of ranges say what they have in common. */
static const Invisible invisible[] = {{0x00, 0x08, false, "CONTROL CHARACTER"},
									  {0x09, 0x09, true, "TAB"},
									  {0x0A, 0x0A, true, "LINE FEED"},
									  {0x0B, 0x0B, true, "LINE TABULATION"},
									  {0x0C, 0x0C, true, "FORM FEED"},
									  {0x0D, 0x0D, true, "CARRIAGE RETURN"},
									  {0x0E, 0x1F, false, "CONTROL CHARACTER"},
									  {0x20, 0x20, true, "SPACE"},
									  {0x7F, 0x84, false, "CONTROL CHARACTER"},
									  {0x85, 0x85, true, "NEXT LINE"},
									  {0x86, 0x9F, false, "CONTROL CHARACTER"},
									  {0xA0, 0xA0, true, "NO-BREAK SPACE"},
									  {0xAD, 0xAD, false, "SOFT HYPHEN"},
									  {0x34F, 0x34F, false, "COMBINING GRAPHEME JOINER"},
									  {0x61C, 0x61C, false, "ARABIC LETTER MARK"},
									  {0x115F, 0x1160, false, "HANGUL FILLER"},
									  {0x1680, 0x1680, true, "OGHAM SPACE MARK"},
									  {0x17B4, 0x17B5, false, "KHMER VOWEL INHERENT"},
									  {0x180B, 0x180F, false, "MONGOLIAN FORMAT CHARACTER"},
									  {0x2000, 0x2006, true, "TYPOGRAPHIC SPACE"},
									  {0x2007, 0x2007, true, "FIGURE SPACE"},
									  {0x2008, 0x2008, true, "PUNCTUATION SPACE"},
									  {0x2009, 0x2009, true, "THIN SPACE"},
									  {0x200A, 0x200A, true, "HAIR SPACE"},
									  {0x200B, 0x200B, false, "ZERO WIDTH SPACE"},
									  {0x200C, 0x200C, false, "ZERO WIDTH NON-JOINER"},
									  {0x200D, 0x200D, false, "ZERO WIDTH JOINER"},
									  {0x200E, 0x200E, false, "LEFT-TO-RIGHT MARK"},
									  {0x200F, 0x200F, false, "RIGHT-TO-LEFT MARK"},
									  {0x2028, 0x2028, true, "LINE SEPARATOR"},
									  {0x2029, 0x2029, true, "PARAGRAPH SEPARATOR"},
									  {0x202A, 0x202E, false, "DIRECTIONAL FORMATTING"},
									  {0x202F, 0x202F, true, "NARROW NO-BREAK SPACE"},
									  {0x205F, 0x205F, true, "MEDIUM MATHEMATICAL SPACE"},
									  {0x2060, 0x2060, false, "WORD JOINER"},
									  {0x2061, 0x206F, false, "INVISIBLE FORMAT CHARACTER"},
									  {0x2800, 0x2800, true, "BRAILLE PATTERN BLANK"},
									  {0x3000, 0x3000, true, "IDEOGRAPHIC SPACE"},
									  {0x3164, 0x3164, false, "HANGUL FILLER"},
									  {0xFE00, 0xFE0F, false, "VARIATION SELECTOR"},
									  {0xFEFF, 0xFEFF, false, "BYTE ORDER MARK"},
									  {0xFFA0, 0xFFA0, false, "HANGUL FILLER"},
									  {0xFFF9, 0xFFFB, false, "INTERLINEAR ANNOTATION"},
									  {0xE0000, 0xE0FFF, false, "TAG CHARACTER"}};

/* What is invisible of a character; NULL: nothing. */
static const Invisible *
find(uint32_t character)
{
	if (character > ' ' && character <= '~')
		return NULL;
	for (size_t i = 0; i < sizeof invisible / sizeof *invisible; i++)
		if (character <= invisible[i].last)
			return character >= invisible[i].first ? &invisible[i] : NULL;
	return NULL;
}

bool
stp_core_code_is_plain(const char *code, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (code[i] < ' ' || code[i] > '~')
			return false;
	return length == 0 || (code[0] != ' ' && code[length - 1] != ' ');
}

/* How many bytes follow the first one of a character. */
static size_t
count_following(unsigned char first)
{
	return first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : 0;
}

/* Decode a character; its length in bytes. What is no UTF-8 is a character of one byte. */
static size_t
decode(const char *at, size_t left, uint32_t *character)
{
	unsigned char first = (unsigned char) *at;
	size_t following = count_following(first);

	*character = first;
	/* Lone bytes above ASCII stand for no character that we know. */
	if (following == 0 || following >= left)
	{
		*character = first < 0x80 ? first : 0xFFFD;
		return 1;
	}
	*character = first & (0x3Fu >> following);
	for (size_t i = 1; i <= following; i++)
	{
		if (((unsigned char) at[i] & 0xC0) != 0x80)
		{
			*character = 0xFFFD;
			return 1;
		}
		*character = *character << 6 | ((unsigned char) at[i] & 0x3F);
	}
	return following + 1;
}

/* Remember the first character that does not stay as it was. */
static void
note(uint32_t *odd, uint32_t character)
{
	if (*odd == 0 && character != 0)
		*odd = character;
}

size_t
stp_core_code_tidy(const char *code, size_t length, char *to, uint32_t *odd)
{
	size_t n = 0, kept = 0, step = 0;
	uint32_t character, blank = 0;

	*odd = 0;
	for (size_t i = 0, bytes; i < length; i += bytes)
	{
		const Invisible *is;

		stp_core_pause_sometimes(step++);
		bytes = decode(code + i, length - i, &character);
		is = find(character);
		if (is != NULL && (!is->is_blank || n == 0))
			note(odd, character);
		else if (is != NULL)
		{
			/* At the end it goes, within the code it is a space. */
			to[n++] = ' ';
			blank = blank ? blank : character;
			if (character != ' ')
				note(odd, character);
		}
		else
		{
			for (size_t byte = 0; byte < bytes; byte++)
				to[n++] = code[i + byte];
			kept = n;
			blank = 0;
		}
	}
	note(odd, blank);
	return kept;
}

const char *
stp_core_code_name(uint32_t character)
{
	const Invisible *is = find(character);

	return is != NULL ? is->name : "CHARACTER";
}
