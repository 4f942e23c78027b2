#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace vestibule {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr char kBase64Url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The value of each character in either alphabet; -1: it is in none.
constexpr std::array<std::int8_t, 256> kBase64Digits = [] {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  for (std::size_t i = 0; i < 64; ++i) {
    digits[static_cast<std::uint8_t>(kBase64Url[i])] = static_cast<std::int8_t>(i);
  }
  digits['+'] = 62;
  digits['/'] = 63;
  return digits;
}();

int base64Digit(char c) { return kBase64Digits[static_cast<std::uint8_t>(c)]; }

}  // namespace

std::string toHex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    text += kHexDigits[byte >> 4U];
    text += kHexDigits[byte & 0x0FU];
  }
  return text;
}

std::string toBase64Url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<std::uint8_t>(c);
    held += 8;
    while (held >= 6) {
      held -= 6;
      text += kBase64Url[(bits >> static_cast<unsigned>(held)) & 0x3FU];
    }
  }
  if (held > 0) text += kBase64Url[(bits << static_cast<unsigned>(6 - held)) & 0x3FU];
  return text;
}

std::string toBase64(std::string_view bytes) {
  std::string text = toBase64Url(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::optional<std::string> fromBase64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes(text.size() * 3 / 4, '\0');
  auto out = bytes.begin();
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int digit = base64Digit(c);
    if (digit < 0) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      *out++ = static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xFFU);
    }
  }
  return bytes;
}

std::optional<std::string> fromBase64Url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  // The last character of a text that does not end with a full group holds bits that belong to no
  // byte: two of them behind two bytes, four behind one.
  if (const std::size_t rest = text.size() % 4; rest > 1) {
    const int spare = base64Digit(text.back()) & (rest == 2 ? 0x0F : 0x03);
    if (spare != 0) return std::nullopt;
  }
  return fromBase64(text);
}

}  // namespace vestibule
