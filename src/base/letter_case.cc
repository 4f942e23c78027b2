#include "base/letter_case.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

namespace vestibule {
namespace {

icu::UnicodeString unicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

}  // namespace

std::string lowerCase(std::string_view text) {
  std::string lower;
  unicode(text).toLower(icu::Locale::getRoot()).toUTF8String(lower);
  return lower;
}

std::string upperCase(std::string_view text) {
  std::string upper;
  unicode(text).toUpper(icu::Locale::getRoot()).toUTF8String(upper);
  return upper;
}

}  // namespace vestibule
