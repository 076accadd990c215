/*
 * core/code.h: codes of organisations, indicators and whatever else is known by one, as they should
 * be written, without any backend header.
 */
#ifndef STP_CORE_CODE_H
#define STP_CORE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether all that is in a code can be seen, by its bytes: most codes are such, and are done with.
 * A space between two words can. */
extern bool stp_core_code_is_plain(const char *code, size_t length);

/* Write a code, in UTF-8, without what cannot be seen; `to` has room for as many bytes. Gives its
 * length; the first character that is not as it was is in `odd`, 0 if there is none. */
extern size_t stp_core_code_tidy(const char *code, size_t length, char *to, uint32_t *odd);

/* What a character that cannot be seen is called. */
extern const char *stp_core_code_name(uint32_t character);

#endif
