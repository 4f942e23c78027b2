#pragma once
// The rules a user store domain has for the names of its users and roles and for passwords, under
// the names the reference product gives them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "json/value.h"
#include "policy/guard_rail_settings.h"
#include "policy/pattern.h"
#include "scim/tolerance/tolerances.h"

namespace vestibule::policy {

/// The settings of a domain as they are stored and shown. An empty or blank pattern checks nothing.
struct PolicySettings {
  std::string username_java;                ///< UsernameJavaRegEx
  std::string username_java_script;         ///< UsernameJavaScriptRegEx
  std::string username_violation_message;   ///< UsernameJavaRegExViolationErrorMsg
  std::string role_name_java;               ///< RolenameJavaRegEx
  std::string role_name_java_script;        ///< RolenameJavaScriptRegEx
  std::string role_name_violation_message;  ///< RolenameJavaRegExViolationErrorMsg
  std::string password_java;                ///< PasswordJavaRegEx
  std::string password_java_script;         ///< PasswordJavaScriptRegEx
  std::string password_violation_message;   ///< PasswordJavaRegExViolationErrorMsg
  bool read_only = false;                   ///< ReadOnly: no write reaches the domain
  bool disabled = false;                    ///< Disabled: the domain is left out altogether
  bool case_insensitive_username = true;    ///< CaseInsensitiveUsername
  std::string tolerances;  ///< tolerances: of SCIM requests to this domain (scim::parseTolerances);
                           ///< empty: those of the server
  /// privilegedAttributes: paths of attributes of users that only privileged tokens change.
  std::vector<std::string> privileged_attributes;
  /// privilegedGroups: display names of groups that only privileged tokens change; a `*` at the end
  /// stands for any rest.
  std::vector<std::string> privileged_groups;
  /// requestsPerMinute: SCIM requests that a server takes for the domain; 0: any number.
  std::uint32_t requests_per_minute = 0;
  /// guardRails: how much may be taken away in a window of time; nothing: any number.
  std::optional<GuardRailSettings> guard_rails;

  /// What the PRIMARY domain starts with.
  [[nodiscard]] static PolicySettings primaryDefaults();
  /// What every other domain starts with.
  [[nodiscard]] static PolicySettings secondaryDefaults();

  /// Sets one setting by name (`UserNameJavaRegEx`, an old spelling of `UsernameJavaRegEx`, is
  /// taken too). A boolean is true or false, or exactly the text "true" or "false"; a list is an
  /// array of at most 100 texts that are not empty, or one text with commas between them; a number
  /// is a whole one from 0 to kMostRequestsPerMinute, also as text; guardRails is an object
  /// (GuardRailSettings::fromJson) or null; all others are text. Texts have
  /// at most 1024 bytes. Error kInvalidValue for an unknown name (POL-1021) and a value of another
  /// type or length (POL-1022). What patterns, tolerances and groups mean is looked at by
  /// `DomainPolicy::compile` only, and attributes where schemas are known.
  [[nodiscard]] Result<void> set(std::string_view name, const json::Value& value);

  /// The value of one setting; nothing for an unknown name.
  [[nodiscard]] std::optional<json::Value> get(std::string_view name) const;

  /// All settings under their names.
  [[nodiscard]] json::Object toJson() const;

  /// `defaults`, with the members of an object set over them. Errors as `set`, and kInvalidValue
  /// (POL-1022) when `value` is no object.
  [[nodiscard]] static Result<PolicySettings> fromJson(const json::Value& value,
                                                       PolicySettings defaults);

  bool operator==(const PolicySettings&) const = default;
};

/// The codes of names on which a pattern met its limit of work.
inline constexpr std::string_view kUserNameLimitCode = "POL-1011";
inline constexpr std::string_view kRoleNameLimitCode = "POL-1012";

/// The compiled rules of one domain. Copies are cheap in all but the settings. Thread-safe.
///
/// Where both a Java and a JavaScript pattern are set, a text has to satisfy both. Errors of the
/// checks are kInvalidValue with the violation message of the settings: POL-1001 user name,
/// POL-1002 role name, POL-1003 password; POL-1011, POL-1012 and POL-1013 when the pattern met its
/// limit of work on this text.
class DomainPolicy {
 public:
  /// Error kInvalidValue, with the setting's name as attribute, for a pattern that cannot be used
  /// (POL-1020), and for tolerances that do not exist and groups with a `*` that is not at the end
  /// (POL-1022).
  [[nodiscard]] static Result<DomainPolicy> compile(PolicySettings settings);

  /// Checks the name of a user without its domain prefix.
  [[nodiscard]] Result<void> checkUserName(std::string_view bare_name) const;
  /// Checks the name of a role or group without its domain prefix.
  [[nodiscard]] Result<void> checkRoleName(std::string_view bare_name) const;
  /// Checks a password; no error ever holds any of it.
  [[nodiscard]] Result<void> checkPassword(const Secret& password) const;

  [[nodiscard]] const PolicySettings& settings() const { return settings_; }
  /// True when there may be groups that are privileged.
  [[nodiscard]] bool hasPrivilegedGroups() const { return !privileged_groups_.empty(); }
  /// True when the group of this display name, without its domain prefix, is privileged. Names are
  /// compared as display names are. O(privilegedGroups).
  [[nodiscard]] bool isPrivilegedGroup(std::string_view bare_name) const;

  /// The tolerances of the domain; nothing when it has none of its own.
  [[nodiscard]] const std::optional<scim::Tolerances>& tolerances() const { return tolerances_; }

 private:
  /// The patterns for one kind of text.
  struct Rule {
    std::optional<Pattern> java;
    std::optional<Pattern> java_script;
  };

  /// One of privilegedGroups.
  struct GroupNames {
    std::string key;        ///< folded
    bool any_rest = false;  ///< all names that begin so
  };

  explicit DomainPolicy(PolicySettings settings) : settings_(std::move(settings)) {}

  PolicySettings settings_;
  Rule username_;
  Rule role_name_;
  Rule password_;
  std::optional<scim::Tolerances> tolerances_;
  std::vector<GroupNames> privileged_groups_;
};

}  // namespace vestibule::policy
