#pragma once
// Errors are values in Vestibule. Every function that can fail for a reason a caller may care about
// returns Result<T>; exceptions of libraries are caught in the room that uses the library and
// turned into an Error.

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace vestibule {

/// What went wrong, in terms every room understands. Only http/ maps a kind to a status code.
enum class ErrorKind {
  kInvalidSyntax,    ///< the message is not what its media type or schema says it is
  kInvalidValue,     ///< a value is missing, of the wrong type or against a policy
  kInvalidFilter,    ///< RFC 7644 §3.12 invalidFilter
  kInvalidPath,      ///< RFC 7644 §3.12 invalidPath
  kNoTarget,         ///< RFC 7644 §3.12 noTarget
  kMutability,       ///< RFC 7644 §3.12 mutability
  kUniqueness,       ///< another resource holds this unique value
  kInvalidCursor,    ///< RFC 9865 §2.2 invalidCursor
  kExpiredCursor,    ///< RFC 9865 §2.2 expiredCursor
  kInvalidCount,     ///< RFC 9865 §2.2 invalidCount
  kTooMany,          ///< the answer would need more work or room than the limits allow
  kInvalidVersion,   ///< RFC 7644 §3.12 invalidVers
  kSensitive,        ///< RFC 7644 §3.12 sensitive
  kPayloadTooLarge,  ///< a body, bulk request or list is larger than its limit
  kUnauthenticated,  ///< no valid credential
  kForbidden,        ///< a valid credential without the scope needed
  kNotFound,         ///< no such thing, or none that the caller may see
  kVersionMismatch,  ///< If-Match does not hold
  kConflict,         ///< the state of the target forbids the operation
  kReadOnly,         ///< the user store domain is read-only or disabled
  kRefused,          ///< a provision was refused by a rule; `code` says by which
  kUnavailable,      ///< the database cannot be reached or is too busy; try again later
  kNotImplemented,   ///< a documented feature that this server does not offer
  kInternal,         ///< a defect or an unexpected condition; details go to the log only
  kVersionRequired,  ///< a change has to name the version it is made to, and does not
  kTooManyRequests,  ///< more than the caller may do in this time; `retry_after` says when
};

/// One failure. `detail` may be shown to any client and must hold no secret, SQL or path of this
/// machine; `internal` goes to the log only.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string detail;
  std::string internal;
  /// The attribute concerned, in SCIM notation, where there is one.
  std::string attribute;
  /// A stable code for machines, such as `JIT-1203` or `POL-1001`; empty where the kind says it
  /// all.
  std::string code;
  /// In how many seconds it is worth trying again, where that is known.
  std::optional<std::uint32_t> retry_after = {};
};

template <typename T>
using Result = tl::expected<T, Error>;

/// An error whose text may be shown to clients.
[[nodiscard]] inline tl::unexpected<Error> failure(ErrorKind kind, std::string detail,
                                                   std::string attribute = {},
                                                   std::string code = {}) {
  return tl::make_unexpected(
      Error{kind, std::move(detail), {}, std::move(attribute), std::move(code)});
}

/// An error of who asks too much: it is worth trying again in `wait` seconds.
[[nodiscard]] inline tl::unexpected<Error> tooManyRequests(std::string detail, std::uint32_t wait,
                                                           std::string code = {}) {
  return tl::make_unexpected(
      Error{ErrorKind::kTooManyRequests, std::move(detail), {}, {}, std::move(code), wait});
}

/// An error of which clients learn nothing but that it happened.
[[nodiscard]] inline tl::unexpected<Error> internalFailure(std::string internal) {
  return tl::make_unexpected(
      Error{ErrorKind::kInternal, "internal error", std::move(internal), {}, {}});
}

/// Hands an error on, as in `if (!user) return propagate(user);`.
template <typename T>
[[nodiscard]] tl::unexpected<Error> propagate(Result<T>& result) {
  return tl::make_unexpected(std::move(result.error()));
}

}  // namespace vestibule
