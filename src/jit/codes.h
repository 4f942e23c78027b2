#pragma once
// The stable codes of refused and failed provisions. docs/jit-codes.md says the same for people; a
// test holds both together.

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vestibule::jit {

/// One row of the table of codes.
struct CodeInfo {
  std::string_view code;  ///< `JIT-1203`; never used for anything else again
  ErrorKind kind;
  std::string_view title;
};

// 10xx the request, 11xx the domain, 12xx the user name, 13xx attributes and roles, 14xx the user,
// 15xx and 19xx the server.
inline constexpr CodeInfo kInvalidRequest{"JIT-1000", ErrorKind::kInvalidSyntax,
                                          "The request is not valid"};
inline constexpr CodeInfo kUnknownIdentityProvider{"JIT-1001", ErrorKind::kNotFound,
                                                   "Unknown identity provider"};
inline constexpr CodeInfo kDisabledIdentityProvider{"JIT-1002", ErrorKind::kRefused,
                                                    "The identity provider is disabled"};
inline constexpr CodeInfo kBadSubject{"JIT-1003", ErrorKind::kInvalidValue,
                                      "The subject is missing or cannot be used"};
inline constexpr CodeInfo kNotOffered{"JIT-1004", ErrorKind::kNotImplemented,
                                      "The request needs a feature that is not offered"};
inline constexpr CodeInfo kBadSettings{"JIT-1005", ErrorKind::kConflict,
                                       "The identity provider's settings cannot be used"};
inline constexpr CodeInfo kUnauthenticated{"JIT-1006", ErrorKind::kUnauthenticated,
                                           "There is no valid token"};
inline constexpr CodeInfo kMissingScope{"JIT-1007", ErrorKind::kForbidden,
                                        "The token lacks the scope jit"};
/// Answered 415, a status that no kind has.
inline constexpr CodeInfo kNotJson{"JIT-1008", ErrorKind::kInvalidSyntax,
                                   "The body is not sent as JSON"};
inline constexpr CodeInfo kTooLarge{"JIT-1009", ErrorKind::kPayloadTooLarge,
                                    "The request holds too much"};
inline constexpr CodeInfo kNoDomain{"JIT-1101", ErrorKind::kNotFound, "No such user store domain"};
inline constexpr CodeInfo kReadOnlyDomain{"JIT-1102", ErrorKind::kReadOnly,
                                          "The user store domain is read-only"};
inline constexpr CodeInfo kDisabledDomain{"JIT-1103", ErrorKind::kReadOnly,
                                          "The user store domain is disabled"};
inline constexpr CodeInfo kDomainNotAllowed{"JIT-1104", ErrorKind::kRefused,
                                            "The identity provider may not use the domain"};
inline constexpr CodeInfo kNoUserName{"JIT-1201", ErrorKind::kInvalidValue,
                                      "There is no user name"};
inline constexpr CodeInfo kUserNameRefused{"JIT-1202", ErrorKind::kInvalidValue,
                                           "The user name is against the domain's policy"};
inline constexpr CodeInfo kUserNameTaken{"JIT-1203", ErrorKind::kUniqueness,
                                         "The user name is taken"};
inline constexpr CodeInfo kUserNameUnchecked{
    "JIT-1204", ErrorKind::kInvalidValue,
    "The user name is too much work for the domain's patterns"};
inline constexpr CodeInfo kInvalidAttribute{
    "JIT-1301", ErrorKind::kInvalidValue,
    "A mapped attribute is not valid, or a required one is missing"};
inline constexpr CodeInfo kTooManyRoles{"JIT-1302", ErrorKind::kTooMany,
                                        "The identity provider sent too many roles"};
inline constexpr CodeInfo kUserDisabled{"JIT-1401", ErrorKind::kRefused, "The user is disabled"};
inline constexpr CodeInfo kSeveralMatches{"JIT-1402", ErrorKind::kConflict,
                                          "Several local users match"};
inline constexpr CodeInfo kLinkToDisabled{"JIT-1403", ErrorKind::kRefused,
                                          "The local user that matches is disabled"};
inline constexpr CodeInfo kProtectedUser{"JIT-1404", ErrorKind::kRefused, "The user is protected"};
inline constexpr CodeInfo kLinkSwitchedOff{"JIT-1405", ErrorKind::kRefused,
                                           "Linking to local users is switched off"};
inline constexpr CodeInfo kCreateSwitchedOff{"JIT-1406", ErrorKind::kRefused,
                                             "Creating users is switched off"};
inline constexpr CodeInfo kLinkedToAnother{
    "JIT-1407", ErrorKind::kConflict, "The local user that matches is linked to another subject"};
inline constexpr CodeInfo kNotEligible{"JIT-1408", ErrorKind::kRefused,
                                       "The subject may not be provisioned"};
inline constexpr CodeInfo kUndecided{"JIT-1409", ErrorKind::kRefused,
                                     "It cannot be told whether a condition holds"};
inline constexpr CodeInfo kKeptChanging{"JIT-1501", ErrorKind::kUnavailable,
                                        "The user kept changing meanwhile"};
inline constexpr CodeInfo kDatabaseUnavailable{"JIT-1901", ErrorKind::kUnavailable,
                                               "The database is not available"};
inline constexpr CodeInfo kUnexpected{"JIT-1902", ErrorKind::kInternal, "Unexpected failure"};

/// Every code, in order.
inline constexpr std::array kCodes{
    kInvalidRequest,
    kUnknownIdentityProvider,
    kDisabledIdentityProvider,
    kBadSubject,
    kNotOffered,
    kBadSettings,
    kUnauthenticated,
    kMissingScope,
    kNotJson,
    kTooLarge,
    kNoDomain,
    kReadOnlyDomain,
    kDisabledDomain,
    kDomainNotAllowed,
    kNoUserName,
    kUserNameRefused,
    kUserNameTaken,
    kUserNameUnchecked,
    kInvalidAttribute,
    kTooManyRoles,
    kUserDisabled,
    kSeveralMatches,
    kLinkToDisabled,
    kProtectedUser,
    kLinkSwitchedOff,
    kCreateSwitchedOff,
    kLinkedToAnother,
    kNotEligible,
    kUndecided,
    kKeptChanging,
    kDatabaseUnavailable,
    kUnexpected,
};

/// The row of this code, or null.
[[nodiscard]] constexpr const CodeInfo* findCode(std::string_view code) {
  for (const CodeInfo& info : kCodes) {
    if (info.code == code) return &info;
  }
  return nullptr;
}

/// A failure under one of the codes; `detail` may be shown to clients.
[[nodiscard]] inline tl::unexpected<Error> refusal(const CodeInfo& info, std::string detail,
                                                   std::string attribute = {}) {
  return failure(info.kind, std::move(detail), std::move(attribute), std::string(info.code));
}

/// An error of another room under one of our codes: its text stays, its kind and code become those
/// of the row.
[[nodiscard]] inline tl::unexpected<Error> refusal(const CodeInfo& info, Error error) {
  error.kind = info.kind;
  error.code = std::string(info.code);
  return tl::make_unexpected(std::move(error));
}

}  // namespace vestibule::jit
