#include "base/resource_id.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"

namespace vestibule {
namespace {

constexpr std::size_t kVersionByte = 6;
constexpr std::size_t kKindByte = 7;
constexpr std::size_t kVariantByte = 8;
constexpr std::size_t kDomainByte = 10;

bool isOurs(const ResourceId::Bytes& bytes) {
  const auto kind = static_cast<ResourceKind>(bytes[kKindByte]);
  return (bytes[kVersionByte] >> 4U) == 8 && (bytes[kVariantByte] >> 6U) == 2 &&
         (kind == ResourceKind::kUser || kind == ResourceKind::kGroup || kind >= kFirstOwnKind);
}

}  // namespace

ResourceId ResourceId::generate(DomainNumber domain, ResourceKind kind) {
  Bytes bytes;
  fillRandom(bytes.data(), bytes.size());
  bytes[kVersionByte] = static_cast<std::uint8_t>(0x80U | (bytes[kVersionByte] & 0x0FU));
  bytes[kKindByte] = static_cast<std::uint8_t>(kind);
  bytes[kVariantByte] = static_cast<std::uint8_t>(0x80U | (bytes[kVariantByte] & 0x3FU));
  bytes[kDomainByte] = static_cast<std::uint8_t>(domain.value() >> 8U);
  bytes[kDomainByte + 1] = static_cast<std::uint8_t>(domain.value() & 0xFFU);
  return ResourceId(bytes);
}

std::optional<ResourceId> ResourceId::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Bytes bytes;
  std::size_t out = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return std::nullopt;
      ++i;
      continue;
    }
    const int high = hexDigit(text[i]);
    const int low = hexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[out++] = static_cast<std::uint8_t>(high * 16 + low);
    i += 2;
  }
  if (!isOurs(bytes)) return std::nullopt;
  return ResourceId(bytes);
}

std::optional<ResourceId> ResourceId::fromBytes(std::string_view bytes) {
  if (bytes.size() != 16) return std::nullopt;
  Bytes copy;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(bytes.data()), copy.size(), copy.begin());
  return ResourceId(copy);
}

std::string ResourceId::text() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t out = 0;
  for (const auto byte : bytes_) {
    if (out == 8 || out == 13 || out == 18 || out == 23) ++out;
    text[out++] = kDigits[byte >> 4U];
    text[out++] = kDigits[byte & 0x0FU];
  }
  return text;
}

DomainNumber ResourceId::domain() const {
  return DomainNumber(
      static_cast<std::uint16_t>((bytes_[kDomainByte] << 8U) | bytes_[kDomainByte + 1]));
}

ResourceKind ResourceId::kind() const { return static_cast<ResourceKind>(bytes_[kKindByte]); }

}  // namespace vestibule
