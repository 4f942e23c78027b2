#include "base/precis.h"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <cstdint>
#include <optional>

namespace vestibule::precis {
namespace {

/// The derived property of a code point (RFC 8264 §8).
enum class Property {
  kValid,         ///< PVALID
  kFreeformOnly,  ///< ID_DIS or FREE_PVAL
  kContextJoin,   ///< CONTEXTJ
  kContextOther,  ///< CONTEXTO
  kDisallowed,    ///< DISALLOWED
  kUnassigned,    ///< UNASSIGNED
};

constexpr UChar32 kZeroWidthNonJoiner = 0x200C;
constexpr UChar32 kZeroWidthJoiner = 0x200D;
constexpr UChar32 kMiddleDot = 0x00B7;
constexpr UChar32 kGreekKeraia = 0x0375;
constexpr UChar32 kHebrewGeresh = 0x05F3;
constexpr UChar32 kHebrewGershayim = 0x05F4;
constexpr UChar32 kKatakanaMiddleDot = 0x30FB;
constexpr std::uint8_t kVirama = 9;

constexpr bool isArabicIndicDigit(UChar32 c) { return c >= 0x0660 && c <= 0x0669; }
constexpr bool isExtendedArabicIndicDigit(UChar32 c) { return c >= 0x06F0 && c <= 0x06F9; }

/// RFC 8264 §9.6.
std::optional<Property> exceptionOf(UChar32 c) {
  switch (c) {
    case 0x00DF:
    case 0x03C2:
    case 0x06FD:
    case 0x06FE:
    case 0x0F0B:
    case 0x3007:
      return Property::kValid;
    case kMiddleDot:
    case kGreekKeraia:
    case kHebrewGeresh:
    case kHebrewGershayim:
    case kKatakanaMiddleDot:
      return Property::kContextOther;
    case 0x0640:
    case 0x07FA:
    case 0x302E:
    case 0x302F:
    case 0x3031:
    case 0x3032:
    case 0x3033:
    case 0x3034:
    case 0x3035:
    case 0x303B:
      return Property::kDisallowed;
    default:
      if (isArabicIndicDigit(c) || isExtendedArabicIndicDigit(c)) return Property::kContextOther;
      return std::nullopt;
  }
}

bool isOldHangulJamo(UChar32 c) {
  const int type = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
  return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

bool hasCompatibilityForm(UChar32 c) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfkc = icu::Normalizer2::getNFKCInstance(status);
  // Without data nothing can be told to be harmless.
  if (U_FAILURE(status)) return true;
  const icu::UnicodeString text(c);
  return nfkc->normalize(text, status) != text || U_FAILURE(status);
}

Property propertyOf(UChar32 c) {
  if (const auto exception = exceptionOf(c)) return *exception;
  const auto category = u_charType(c);
  const bool noncharacter = u_hasBinaryProperty(c, UCHAR_NONCHARACTER_CODE_POINT) != 0;
  if (category == U_UNASSIGNED && !noncharacter) return Property::kUnassigned;
  if (c >= 0x21 && c <= 0x7E) return Property::kValid;
  if (u_hasBinaryProperty(c, UCHAR_JOIN_CONTROL)) return Property::kContextJoin;
  if (isOldHangulJamo(c) || noncharacter ||
      u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || category == U_CONTROL_CHAR) {
    return Property::kDisallowed;
  }
  if (hasCompatibilityForm(c)) return Property::kFreeformOnly;
  constexpr std::uint32_t kLetterDigits = U_GC_LL_MASK | U_GC_LU_MASK | U_GC_LO_MASK |
                                          U_GC_ND_MASK | U_GC_LM_MASK | U_GC_MN_MASK | U_GC_MC_MASK;
  constexpr std::uint32_t kFreeform = U_GC_LT_MASK | U_GC_NL_MASK | U_GC_NO_MASK | U_GC_ME_MASK |
                                      U_GC_ZS_MASK | U_GC_S_MASK | U_GC_P_MASK;
  const std::uint32_t mask = U_MASK(category);
  if ((mask & kLetterDigits) != 0) return Property::kValid;
  if ((mask & kFreeform) != 0) return Property::kFreeformOnly;
  return Property::kDisallowed;
}

int joiningType(UChar32 c) { return u_getIntPropertyValue(c, UCHAR_JOINING_TYPE); }

/// The character before or after index `i`, or U_SENTINEL.
UChar32 before(const icu::UnicodeString& text, std::int32_t i) {
  return i > 0 ? text.char32At(text.moveIndex32(i, -1)) : U_SENTINEL;
}

UChar32 after(const icu::UnicodeString& text, std::int32_t i) {
  const std::int32_t next = text.moveIndex32(i, 1);
  return next < text.length() ? text.char32At(next) : U_SENTINEL;
}

/// RFC 5892 A.1, second condition: between letters that join across it.
bool joinsLetters(const icu::UnicodeString& text, std::int32_t i) {
  std::int32_t left = i;
  do {
    if (left == 0) return false;
    left = text.moveIndex32(left, -1);
  } while (joiningType(text.char32At(left)) == U_JT_TRANSPARENT);
  const int left_type = joiningType(text.char32At(left));
  if (left_type != U_JT_LEFT_JOINING && left_type != U_JT_DUAL_JOINING) return false;

  std::int32_t right = i;
  do {
    right = text.moveIndex32(right, 1);
    if (right >= text.length()) return false;
  } while (joiningType(text.char32At(right)) == U_JT_TRANSPARENT);
  const int right_type = joiningType(text.char32At(right));
  return right_type == U_JT_RIGHT_JOINING || right_type == U_JT_DUAL_JOINING;
}

UScriptCode scriptOf(UChar32 c) {
  if (c == U_SENTINEL) return USCRIPT_INVALID_CODE;
  UErrorCode status = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &status);
  return U_FAILURE(status) ? USCRIPT_INVALID_CODE : script;
}

/// What the rules that look at a whole text ask of it.
struct WholeText {
  bool has_arabic_indic_digit = false;
  bool has_extended_arabic_indic_digit = false;
  bool has_kana_or_han = false;
};

WholeText lookAtAll(const icu::UnicodeString& text) {
  WholeText whole;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    const UScriptCode script = scriptOf(c);
    whole.has_arabic_indic_digit |= isArabicIndicDigit(c);
    whole.has_extended_arabic_indic_digit |= isExtendedArabicIndicDigit(c);
    whole.has_kana_or_han |=
        script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || script == USCRIPT_HAN;
  }
  return whole;
}

/// The contextual rules of RFC 5892 appendix A on one text, which must outlive it. A text is looked
/// at as a whole once, and only when a character asks for it.
class Context {
 public:
  explicit Context(const icu::UnicodeString& text) : text_(text) {}

  /// Whether the character at `i` may stand where it stands.
  bool allows(std::int32_t i) {
    const UChar32 c = text_.char32At(i);
    switch (c) {
      case kZeroWidthNonJoiner:
      case kZeroWidthJoiner: {
        const UChar32 left = before(text_, i);
        if (left != U_SENTINEL && u_getCombiningClass(left) == kVirama) return true;
        return c == kZeroWidthNonJoiner && joinsLetters(text_, i);
      }
      case kMiddleDot:
        return before(text_, i) == 'l' && after(text_, i) == 'l';
      case kGreekKeraia:
        return scriptOf(after(text_, i)) == USCRIPT_GREEK;
      case kHebrewGeresh:
      case kHebrewGershayim:
        return scriptOf(before(text_, i)) == USCRIPT_HEBREW;
      case kKatakanaMiddleDot:
        return whole().has_kana_or_han;
      default:
        if (isArabicIndicDigit(c)) return !whole().has_extended_arabic_indic_digit;
        if (isExtendedArabicIndicDigit(c)) return !whole().has_arabic_indic_digit;
        return false;
    }
  }

 private:
  const WholeText& whole() {
    if (!whole_) whole_ = lookAtAll(text_);
    return *whole_;
  }

  const icu::UnicodeString& text_;
  std::optional<WholeText> whole_;
};

std::string faultText(UChar32 c, const char* why) {
  return fmt::format("has the character U+{:04X}, which {}", static_cast<unsigned>(c), why);
}

}  // namespace

std::optional<std::string> findIdentifierFault(const icu::UnicodeString& text) {
  Context context(text);
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    switch (propertyOf(c)) {
      case Property::kValid:
        break;
      case Property::kContextJoin:
      case Property::kContextOther:
        if (!context.allows(i)) return faultText(c, "is not allowed at this place");
        break;
      case Property::kFreeformOnly:
        return faultText(c, "is a symbol or a variant of another character");
      case Property::kUnassigned:
        return faultText(c, "is not assigned");
      case Property::kDisallowed:
        return faultText(c, "is a control or invisible character");
    }
  }
  return std::nullopt;
}

bool isFreeform(const icu::UnicodeString& text) {
  Context context(text);
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    switch (propertyOf(text.char32At(i))) {
      case Property::kValid:
      case Property::kFreeformOnly:
        break;
      case Property::kContextJoin:
      case Property::kContextOther:
        if (!context.allows(i)) return false;
        break;
      case Property::kUnassigned:
      case Property::kDisallowed:
        return false;
    }
  }
  return true;
}

bool followsBidiRule(const icu::UnicodeString& text) {
  constexpr auto maskOf = [](int direction) { return std::uint32_t{1} << direction; };
  constexpr std::uint32_t kLeft = maskOf(U_LEFT_TO_RIGHT);
  constexpr std::uint32_t kRight = maskOf(U_RIGHT_TO_LEFT) | maskOf(U_RIGHT_TO_LEFT_ARABIC);
  constexpr std::uint32_t kEuropean = maskOf(U_EUROPEAN_NUMBER);
  constexpr std::uint32_t kArabic = maskOf(U_ARABIC_NUMBER);
  constexpr std::uint32_t kMark = maskOf(U_DIR_NON_SPACING_MARK);
  constexpr std::uint32_t kNeutral = maskOf(U_EUROPEAN_NUMBER_SEPARATOR) |
                                     maskOf(U_COMMON_NUMBER_SEPARATOR) |
                                     maskOf(U_EUROPEAN_NUMBER_TERMINATOR) |
                                     maskOf(U_OTHER_NEUTRAL) | maskOf(U_BOUNDARY_NEUTRAL) | kMark;

  std::uint32_t all = 0;
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const std::uint32_t direction = maskOf(u_charDirection(text.char32At(i)));
    all |= direction;
    if (first == 0) first = direction;
    if (direction != kMark) last = direction;
  }
  if ((all & (kRight | kArabic)) == 0) return true;
  // A text that starts from left to right may not hold any character of the other direction
  // (conditions 1, 5).
  if ((first & kRight) == 0) return false;
  const bool only_allowed = (all & ~(kRight | kArabic | kEuropean | kNeutral)) == 0;
  const bool ends_well = (last & (kRight | kArabic | kEuropean)) != 0;
  const bool one_kind_of_digit = (all & kEuropean) == 0 || (all & kArabic) == 0;
  static_assert((kLeft & (kRight | kArabic | kEuropean | kNeutral)) == 0);
  return only_allowed && ends_well && one_kind_of_digit;
}

}  // namespace vestibule::precis
