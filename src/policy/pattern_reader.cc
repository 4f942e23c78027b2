#include "policy/pattern_reader.h"

namespace vestibule::policy {

bool PatternReader::take(std::string_view expected) {
  if (!rest().starts_with(expected)) return false;
  at_ += expected.size();
  return true;
}

char32_t PatternReader::takeCharacter() {
  const auto byte = [&] { return static_cast<unsigned char>(pattern_[at_++]); };
  const char32_t lead = byte();
  if (lead < 0x80) return lead;
  const int following = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  char32_t c = lead & (0x3FU >> static_cast<unsigned>(following));
  for (int i = 0; i < following; ++i) c = (c << 6U) | (byte() & 0x3FU);
  return c;
}

bool PatternReader::fail(std::size_t at, std::string_view reason) {
  fault_at_ = at;
  fault_ = reason;
  return false;
}

bool PatternReader::failUnknown(std::size_t at, std::string_view what) {
  fail(at, what);
  fault_ += " has no meaning in ";
  fault_ += isJava() ? "Java" : "JavaScript";
  fault_ += " or cannot be used here";
  return false;
}

}  // namespace vestibule::policy
