#pragma once
// The character rules of the PRECIS framework (RFC 8264) that user names and passwords are prepared
// with. For base/unicode.cc; everybody else calls that.

#include <unicode/unistr.h>

#include <optional>
#include <string>

namespace vestibule::precis {

/// What in `text` the IdentifierClass (RFC 8264 §4.2) does not allow, as the end of a sentence
/// about it ("has the character U+200B, which …"); nothing when all is allowed. Contextual rules
/// are those of RFC 5892 appendix A. O(length).
[[nodiscard]] std::optional<std::string> findIdentifierFault(const icu::UnicodeString& text);

/// True when the FreeformClass (RFC 8264 §4.3) allows all of `text`.
[[nodiscard]] bool isFreeform(const icu::UnicodeString& text);

/// True when `text` has no character written from right to left, or follows the rule of RFC 5893
/// §2.
[[nodiscard]] bool followsBidiRule(const icu::UnicodeString& text);

}  // namespace vestibule::precis
