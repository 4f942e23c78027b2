#pragma once
// How the fields of a prompt's form are called: what the page writes and the reader of answers
// reads.

#include <cstdint>
#include <string>
#include <string_view>

namespace vestibule::http::prompt_field {

inline constexpr std::string_view kUserName = "userName";
inline constexpr std::string_view kPassword = "password";
inline constexpr std::string_view kPasswordConfirmation = "passwordConfirmation";
inline constexpr std::string_view kCsrf = "csrf";
/// `answer` or `decline`: what the two buttons send.
inline constexpr std::string_view kDecision = "decision";
inline constexpr std::string_view kAnswer = "answer";
inline constexpr std::string_view kDecline = "decline";
/// `attribute:PATH`
inline constexpr std::string_view kAttribute = "attribute:";
/// `consent:PURPOSE:VERSION`: this version was shown, so what is not ticked is refused.
inline constexpr std::string_view kConsent = "consent:";
/// `agree:PURPOSE:PATH`
inline constexpr std::string_view kAgree = "agree:";
/// What a hidden field and a ticked box send.
inline constexpr std::string_view kShown = "shown";
inline constexpr std::string_view kTicked = "yes";

[[nodiscard]] inline std::string attribute(std::string_view path) {
  return std::string(kAttribute) + std::string(path);
}
[[nodiscard]] inline std::string consent(std::string_view purpose, std::uint32_t version) {
  return std::string(kConsent) + std::string(purpose) + ':' + std::to_string(version);
}
[[nodiscard]] inline std::string agree(std::string_view purpose, std::string_view path) {
  return std::string(kAgree) + std::string(purpose) + ':' + std::string(path);
}

}  // namespace vestibule::http::prompt_field
