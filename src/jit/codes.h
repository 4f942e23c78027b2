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
// 15xx and 19xx the server, 16xx the ID token.
inline constexpr CodeInfo kInvalidRequest{"JIT-1000", ErrorKind::kInvalidSyntax,
                                          "The request is not valid"};
inline constexpr CodeInfo kUnknownIdentityProvider{"JIT-1001", ErrorKind::kNotFound,
                                                   "Unknown identity provider"};
inline constexpr CodeInfo kDisabledIdentityProvider{"JIT-1002", ErrorKind::kRefused,
                                                    "The identity provider is disabled"};
inline constexpr CodeInfo kBadSubject{"JIT-1003", ErrorKind::kInvalidValue,
                                      "The subject is missing or cannot be used"};
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
/// Answered 401, as a proxy wants it: its user has to sign in.
inline constexpr CodeInfo kNobodySignedIn{"JIT-1010", ErrorKind::kRefused, "Nobody is signed in"};
inline constexpr CodeInfo kForwardAuthNotSet{"JIT-1011", ErrorKind::kConflict,
                                             "The identity provider is not set up for a proxy"};
/// Answered 422, a status that no kind has.
inline constexpr CodeInfo kKeyReused{"JIT-1012", ErrorKind::kInvalidValue,
                                     "The Idempotency-Key stands for another request"};
inline constexpr CodeInfo kKeyInUse{"JIT-1013", ErrorKind::kConflict,
                                    "The request with this Idempotency-Key is still running"};
inline constexpr CodeInfo kNoOperation{"JIT-1014", ErrorKind::kNotFound, "No such operation"};
inline constexpr CodeInfo kNoDecision{"JIT-1015", ErrorKind::kNotFound,
                                      "No decision is kept under this id"};
inline constexpr CodeInfo kNoPrompt{"JIT-1016", ErrorKind::kNotFound, "No such prompt"};
/// Answered 410, a status that no kind has.
inline constexpr CodeInfo kPromptEnded{"JIT-1017", ErrorKind::kConflict,
                                       "The prompt has been answered"};
/// Answered 410.
inline constexpr CodeInfo kPromptExpired{"JIT-1018", ErrorKind::kConflict,
                                         "The prompt has expired"};
inline constexpr CodeInfo kBadReturnUrl{"JIT-1019", ErrorKind::kInvalidValue,
                                        "The return URL is not of an allowed origin"};
/// Answered 429, a status that no kind has.
inline constexpr CodeInfo kTooManyTries{"JIT-1020", ErrorKind::kTooMany,
                                        "There were too many tries"};
inline constexpr CodeInfo kTooManyRequests{"JIT-1021", ErrorKind::kTooManyRequests,
                                           "There are too many requests"};
inline constexpr CodeInfo kNoDomain{"JIT-1101", ErrorKind::kNotFound, "No such user store domain"};
inline constexpr CodeInfo kReadOnlyDomain{"JIT-1102", ErrorKind::kReadOnly,
                                          "The user store domain is read-only"};
inline constexpr CodeInfo kDisabledDomain{"JIT-1103", ErrorKind::kReadOnly,
                                          "The user store domain is disabled"};
inline constexpr CodeInfo kDomainNotAllowed{"JIT-1104", ErrorKind::kRefused,
                                            "The identity provider may not use the domain"};
inline constexpr CodeInfo kGuardRailReached{"JIT-1105", ErrorKind::kTooManyRequests,
                                            "A guard-rail of the user store domain is reached"};
inline constexpr CodeInfo kNoUserName{"JIT-1201", ErrorKind::kInvalidValue,
                                      "There is no user name"};
inline constexpr CodeInfo kUserNameRefused{"JIT-1202", ErrorKind::kInvalidValue,
                                           "The user name is against the domain's policy"};
inline constexpr CodeInfo kUserNameTaken{"JIT-1203", ErrorKind::kUniqueness,
                                         "The user name is taken"};
inline constexpr CodeInfo kUserNameUnchecked{
    "JIT-1204", ErrorKind::kInvalidValue,
    "The user name is too much work for the domain's patterns"};
inline constexpr CodeInfo kNoFreeUserName{"JIT-1205", ErrorKind::kUniqueness,
                                          "The user name and those made of it are taken"};
inline constexpr CodeInfo kInvalidAttribute{
    "JIT-1301", ErrorKind::kInvalidValue,
    "A mapped attribute is not valid, or a required one is missing"};
inline constexpr CodeInfo kTooManyRoles{"JIT-1302", ErrorKind::kTooMany,
                                        "The identity provider sent too many roles"};
inline constexpr CodeInfo kTooManyRevoked{"JIT-1303", ErrorKind::kRefused,
                                          "The login would take too many groups away"};
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
inline constexpr CodeInfo kDeclined{"JIT-1410", ErrorKind::kRefused, "The person has declined"};
inline constexpr CodeInfo kPromptNeeded{"JIT-1411", ErrorKind::kRefused,
                                        "The person has to be asked first"};
inline constexpr CodeInfo kAnswersRefused{"JIT-1412", ErrorKind::kInvalidValue,
                                          "The answers are not complete or not valid"};
inline constexpr CodeInfo kKeptChanging{"JIT-1501", ErrorKind::kUnavailable,
                                        "The user kept changing meanwhile"};
inline constexpr CodeInfo kTakenOver{"JIT-1502", ErrorKind::kUnavailable,
                                     "Another server has taken the provision over"};
inline constexpr CodeInfo kOutboundNotSent{"JIT-1503", ErrorKind::kUnavailable,
                                           "Another system has not got the user"};
inline constexpr CodeInfo kIdTokenRequired{"JIT-1601", ErrorKind::kInvalidValue,
                                           "An ID token is needed"};
inline constexpr CodeInfo kIdTokenNotTaken{"JIT-1602", ErrorKind::kConflict,
                                           "ID tokens are not taken from the identity provider"};
inline constexpr CodeInfo kClaimsBesideIdToken{"JIT-1603", ErrorKind::kInvalidValue,
                                               "There are claims beside the ID token"};
inline constexpr CodeInfo kSubjectIsAnother{"JIT-1604", ErrorKind::kRefused,
                                            "The ID token is about another subject"};
inline constexpr CodeInfo kIdTokenMalformed{"JIT-1611", ErrorKind::kInvalidValue,
                                            "The ID token is malformed"};
inline constexpr CodeInfo kIdTokenAlgorithm{"JIT-1612", ErrorKind::kRefused,
                                            "The ID token's algorithm is not allowed"};
inline constexpr CodeInfo kIdTokenUnknownKey{"JIT-1613", ErrorKind::kRefused,
                                             "The ID token's key is unknown"};
inline constexpr CodeInfo kIdTokenSignature{"JIT-1614", ErrorKind::kRefused,
                                            "The ID token's signature does not hold"};
inline constexpr CodeInfo kIdTokenIssuer{"JIT-1615", ErrorKind::kRefused,
                                         "The ID token is of another issuer"};
inline constexpr CodeInfo kIdTokenAudience{"JIT-1616", ErrorKind::kRefused,
                                           "The ID token is for another client"};
inline constexpr CodeInfo kIdTokenExpired{"JIT-1617", ErrorKind::kRefused,
                                          "The ID token has expired"};
inline constexpr CodeInfo kIdTokenNotYetValid{"JIT-1618", ErrorKind::kRefused,
                                              "The ID token is not valid yet"};
inline constexpr CodeInfo kIdTokenTooOld{"JIT-1619", ErrorKind::kRefused,
                                         "The ID token is too old"};
inline constexpr CodeInfo kIdTokenClaims{"JIT-1620", ErrorKind::kRefused,
                                         "The ID token lacks a claim that it must have"};
inline constexpr CodeInfo kKeysUnavailable{"JIT-1621", ErrorKind::kUnavailable,
                                           "The identity provider's keys cannot be had"};
inline constexpr CodeInfo kDatabaseUnavailable{"JIT-1901", ErrorKind::kUnavailable,
                                               "The database is not available"};
inline constexpr CodeInfo kUnexpected{"JIT-1902", ErrorKind::kInternal, "Unexpected failure"};

/// Every code, in order.
inline constexpr std::array kCodes{
    kInvalidRequest,
    kUnknownIdentityProvider,
    kDisabledIdentityProvider,
    kBadSubject,
    kBadSettings,
    kUnauthenticated,
    kMissingScope,
    kNotJson,
    kTooLarge,
    kNobodySignedIn,
    kForwardAuthNotSet,
    kKeyReused,
    kKeyInUse,
    kNoOperation,
    kNoDecision,
    kNoPrompt,
    kPromptEnded,
    kPromptExpired,
    kBadReturnUrl,
    kTooManyTries,
    kTooManyRequests,
    kNoDomain,
    kReadOnlyDomain,
    kDisabledDomain,
    kDomainNotAllowed,
    kGuardRailReached,
    kNoUserName,
    kUserNameRefused,
    kUserNameTaken,
    kUserNameUnchecked,
    kNoFreeUserName,
    kInvalidAttribute,
    kTooManyRoles,
    kTooManyRevoked,
    kUserDisabled,
    kSeveralMatches,
    kLinkToDisabled,
    kProtectedUser,
    kLinkSwitchedOff,
    kCreateSwitchedOff,
    kLinkedToAnother,
    kNotEligible,
    kUndecided,
    kDeclined,
    kPromptNeeded,
    kAnswersRefused,
    kKeptChanging,
    kTakenOver,
    kOutboundNotSent,
    kIdTokenRequired,
    kIdTokenNotTaken,
    kClaimsBesideIdToken,
    kSubjectIsAnother,
    kIdTokenMalformed,
    kIdTokenAlgorithm,
    kIdTokenUnknownKey,
    kIdTokenSignature,
    kIdTokenIssuer,
    kIdTokenAudience,
    kIdTokenExpired,
    kIdTokenNotYetValid,
    kIdTokenTooOld,
    kIdTokenClaims,
    kKeysUnavailable,
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
