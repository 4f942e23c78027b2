#pragma once
// Strings that mean different things have different types: a plain std::string passed as an id is
// how an external id becomes a user id.

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace vestibule {

/// A value of type `Value` that converts to nothing else. `Tag` is never defined.
template <typename Tag, typename Value>
class Strong {
 public:
  Strong() = default;
  explicit Strong(Value value) : value_(std::move(value)) {}

  [[nodiscard]] const Value& value() const { return value_; }
  auto operator<=>(const Strong&) const = default;

 private:
  Value value_{};
};

/// The name of a user store domain, always upper-case. Made by `parseDomainName` (store/) or
/// `kPrimaryDomain`.
using DomainName = Strong<struct DomainNameTag, std::string>;
/// A user name as the client wrote it, without a domain prefix.
using UserName = Strong<struct UserNameTag, std::string>;
/// A client's own identifier of a resource: opaque, never an id of ours (RFC 7643 §3.1).
using ExternalId = Strong<struct ExternalIdTag, std::string>;
/// What an identity provider calls a user: opaque, compared byte by byte.
using Subject = Strong<struct SubjectTag, std::string>;
/// The version of a stored resource: 1 when created, one more with every change.
using Version = Strong<struct VersionTag, std::uint64_t>;
/// The permanent number of a user store domain; never reused.
using DomainNumber = Strong<struct DomainNumberTag, std::uint16_t>;

}  // namespace vestibule

template <typename Tag, typename Value>
struct std::hash<vestibule::Strong<Tag, Value>> {
  std::size_t operator()(const vestibule::Strong<Tag, Value>& strong) const noexcept {
    return std::hash<Value>{}(strong.value());
  }
};
