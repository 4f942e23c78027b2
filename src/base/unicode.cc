#include "base/unicode.h"

#include <openssl/crypto.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/abort.h"
#include "base/precis.h"

namespace vestibule {
namespace {

// Mapping, lower case and normalisation together settle after one round for nearly every text; RFC
// 8264 §7 allows three more before the text has to be refused.
constexpr int kMaxRounds = 4;

bool isAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

constexpr char lowerAsciiLetter(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr char upperAsciiLetter(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

const icu::Normalizer2& normalizer(const icu::Normalizer2* (*get)(UErrorCode&)) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const found = get(status);
  if (U_FAILURE(status) || found == nullptr) {
    abortWith("ICU has no normalisation data");
  }
  return *found;
}

const icu::Normalizer2& nfc() {
  static const icu::Normalizer2& instance = normalizer(&icu::Normalizer2::getNFCInstance);
  return instance;
}

const icu::Normalizer2& nfd() {
  static const icu::Normalizer2& instance = normalizer(&icu::Normalizer2::getNFDInstance);
  return instance;
}

const icu::Normalizer2& nfkc() {
  static const icu::Normalizer2& instance = normalizer(&icu::Normalizer2::getNFKCInstance);
  return instance;
}

icu::UnicodeString fromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

icu::UnicodeString normalized(const icu::Normalizer2& form, const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString result = form.normalize(text, status);
  if (U_FAILURE(status)) {
    // Only a lack of memory can bring this about.
    abortWith("ICU cannot normalise");
  }
  return result;
}

void wipe(icu::UnicodeString& text) {
  const std::int32_t length = text.length();
  char16_t* const buffer = text.getBuffer(length);
  if (buffer == nullptr) return;
  OPENSSL_cleanse(buffer, static_cast<std::size_t>(length) * sizeof(char16_t));
  text.releaseBuffer(0);
}

/// Full-width and half-width characters become the ones they stand for (RFC 8264 §5.2.1).
icu::UnicodeString mapWidth(const icu::UnicodeString& text) {
  icu::UnicodeString mapped;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    const int type = u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE);
    icu::UnicodeString decomposition;
    if ((type == U_DT_WIDE || type == U_DT_NARROW) &&
        nfkc().getRawDecomposition(c, decomposition)) {
      mapped.append(decomposition);
    } else {
      mapped.append(c);
    }
  }
  return mapped;
}

tl::unexpected<Error> refuseName(std::string reason) {
  return failure(ErrorKind::kInvalidValue, "the user name " + std::move(reason), "userName");
}

/// Checks the parts between single spaces (RFC 8265 §3.5), each as an identifier of its own.
Result<void> checkParts(const icu::UnicodeString& name) {
  std::int32_t start = 0;
  while (true) {
    std::int32_t end = name.indexOf(u' ', start);
    if (end < 0) end = name.length();
    if (end == start) {
      return refuseName(name.isEmpty() ? "is empty"
                                       : "has a space at an end or two spaces in a row");
    }
    const icu::UnicodeString part = name.tempSubStringBetween(start, end);
    if (auto fault = precis::findIdentifierFault(part)) return refuseName(std::move(*fault));
    if (!precis::followsBidiRule(part)) {
      return refuseName("mixes writing directions in a way that can be misread");
    }
    if (end == name.length()) return {};
    start = end + 1;
  }
}

Result<std::string> prepareName(std::string_view text, bool keep_case) {
  const auto refuseLength = [] {
    return refuseName("is longer than " + std::to_string(kMaxUserNameBytes) + " bytes");
  };
  if (text.size() > kMaxUserNameBytes) return refuseLength();
  const auto graphic = [](char c) { return c > ' ' && c < 0x7F; };
  if (std::all_of(text.begin(), text.end(), [&](char c) { return graphic(c) || c == ' '; })) {
    if (text.empty()) return refuseName("is empty");
    if (text.front() == ' ' || text.back() == ' ' || text.find("  ") != std::string_view::npos) {
      return refuseName("has a space at an end or two spaces in a row");
    }
    return keep_case ? std::string(text) : lowerAscii(text);
  }
  if (!isValidUtf8(text)) return refuseName("is not valid UTF-8");

  icu::UnicodeString name = mapWidth(fromUtf8(text));
  // Before case and form are changed: what RFC 8265 §3.3.1 asks of the name as it was written.
  if (auto allowed = checkParts(name); !allowed) return propagate(allowed);
  for (int round = 0;; ++round) {
    if (round == kMaxRounds) return refuseName("has no stable form");
    icu::UnicodeString next = mapWidth(name);
    if (!keep_case) next.toLower(icu::Locale::getRoot());
    next = normalized(nfc(), next);
    if (next == name) break;
    name = std::move(next);
  }
  if (auto allowed = checkParts(name); !allowed) return propagate(allowed);
  std::string key;
  name.toUTF8String(key);
  if (key.size() > kMaxUserNameBytes) return refuseLength();
  return key;
}

}  // namespace

bool isValidUtf8(std::string_view text) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto* const end = at + text.size();
  constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080U;
  while (at != end) {
    // Eight ASCII bytes at a time: nearly all text is nothing else.
    while (end - at >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, sizeof word);
      if ((word & kHighBits) != 0) break;
      at += 8;
    }
    if (at == end) break;
    const std::uint8_t lead = *at++;
    if (lead < 0x80) continue;
    int following = 0;
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
      following = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      following = 2;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      following = 3;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return false;
    }
    if (end - at < following) return false;
    for (; following > 0; --following, ++at) {
      if (*at < low || *at > high) return false;
      low = 0x80;
      high = 0xBF;
    }
  }
  return true;
}

bool equalIgnoringAsciiCase(std::string_view left, std::string_view right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(),
                    [](char a, char b) { return lowerAsciiLetter(a) == lowerAsciiLetter(b); });
}

std::string lowerAscii(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), lowerAsciiLetter);
  return lower;
}

std::string upperAscii(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(), upperAsciiLetter);
  return upper;
}

std::string foldCase(std::string_view text) {
  if (isAscii(text)) return lowerAscii(text);
  // Decomposed first (Unicode D145), so that canonically equal texts fold to the same key.
  icu::UnicodeString folded = normalized(nfd(), fromUtf8(text));
  folded.foldCase();
  std::string key;
  normalized(nfc(), folded).toUTF8String(key);
  return key;
}

Result<std::string> prepareUserName(std::string_view text) { return prepareName(text, false); }

Result<std::string> prepareUserNameKeepingCase(std::string_view text) {
  return prepareName(text, true);
}

Result<Secret> preparePassword(const Secret& password) {
  const auto refuse = [](const char* reason) {
    return failure(ErrorKind::kInvalidValue, reason, "password");
  };
  const std::string_view text = password.exposeSecret();
  if (text.empty()) return refuse("the password is empty");
  if (std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; })) {
    return Secret(std::string(text));
  }
  if (!isValidUtf8(text)) return refuse("the password is not valid UTF-8");

  icu::UnicodeString raw = fromUtf8(text);
  icu::UnicodeString spaced;
  for (std::int32_t i = 0; i < raw.length(); i = raw.moveIndex32(i, 1)) {
    const UChar32 c = raw.char32At(i);
    spaced.append(u_charType(c) == U_SPACE_SEPARATOR ? UChar32{' '} : c);
  }
  icu::UnicodeString prepared = normalized(nfc(), spaced);
  const bool allowed = precis::isFreeform(prepared);
  std::string utf8;
  if (allowed) prepared.toUTF8String(utf8);
  wipe(raw);
  wipe(spaced);
  wipe(prepared);
  if (!allowed) {
    return refuse("the password has control, invisible or unassigned characters");
  }
  return Secret(std::move(utf8));
}

std::size_t codePointCount(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace vestibule
