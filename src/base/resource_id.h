#pragma once
// Resource ids: UUIDs of version 8 (RFC 9562 §5.8) that carry the permanent number of their user
// store domain and the kind of resource, so that an id finds its schema and table without a
// look-up. All other bits are random.
//
//   bytes 0-5   random          byte 6       version (1000) and 4 random bits      byte 7  kind of
//   resource byte  8     variant (10) and 6 random bits                                     byte 9
//   random bytes 10-11 domain number, big endian                                          bytes
//   12-15 random

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/strong.h"

namespace vestibule {

/// What kind of resource an id is of. Users and groups have tables of their own; the kinds from
/// kFirstOwnKind to 255 are those of resource types that schema files add, each with its permanent
/// number. The numbers between are Vestibule's.
enum class ResourceKind : std::uint8_t { kUser = 1, kGroup = 2 };
inline constexpr ResourceKind kFirstOwnKind{16};

/// The id of a resource (RFC 7643 §3.1 `id`). Never made from anything a client sends: text
/// from outside is only ever parsed, and a well-formed id that names nothing is an ordinary 404.
class ResourceId {
 public:
  using Bytes = std::array<std::uint8_t, 16>;

  ResourceId() = default;
  explicit ResourceId(const Bytes& bytes) : bytes_(bytes) {}

  /// A new random id (90 random bits from OpenSSL) in the domain. Thread-safe. Aborts when the
  /// system has no randomness.
  [[nodiscard]] static ResourceId generate(DomainNumber domain, ResourceKind kind);

  /// Reads the canonical text form (36 characters, hexadecimal in either case). Nothing for any
  /// other text and for a UUID that cannot be an id of ours.
  [[nodiscard]] static std::optional<ResourceId> parse(std::string_view text);

  /// Takes 16 bytes from the database. Nothing when the length differs.
  [[nodiscard]] static std::optional<ResourceId> fromBytes(std::string_view bytes);

  /// The lower-case text form: `2819c223-7f76-8201-819d-0001a3861904`.
  [[nodiscard]] std::string text() const;
  /// The 16 bytes, as the database stores them.
  [[nodiscard]] std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  [[nodiscard]] DomainNumber domain() const;
  [[nodiscard]] ResourceKind kind() const;

  auto operator<=>(const ResourceId&) const = default;

 private:
  Bytes bytes_{};
};

}  // namespace vestibule

template <>
struct std::hash<vestibule::ResourceId> {
  std::size_t operator()(const vestibule::ResourceId& id) const noexcept {
    return std::hash<std::string_view>{}(id.bytes());
  }
};
