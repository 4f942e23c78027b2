#include "policy/domain_policy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <variant>

#include "base/log.h"
#include "base/request_rate.h"
#include "base/unicode.h"

namespace vestibule::policy {
namespace {

constexpr std::size_t kMaxSetting = 1024;
constexpr std::size_t kMaxEntries = 100;

using Text = std::string PolicySettings::*;
using Flag = bool PolicySettings::*;
using List = std::vector<std::string> PolicySettings::*;
using Count = std::uint32_t PolicySettings::*;
using Rails = std::optional<GuardRailSettings> PolicySettings::*;

struct Setting {
  std::string_view name;
  std::variant<Text, Flag, List, Count, Rails> member;
};

constexpr std::array<Setting, 17> kSettings = {{
    {"UsernameJavaRegEx", &PolicySettings::username_java},
    {"UsernameJavaScriptRegEx", &PolicySettings::username_java_script},
    {"UsernameJavaRegExViolationErrorMsg", &PolicySettings::username_violation_message},
    {"RolenameJavaRegEx", &PolicySettings::role_name_java},
    {"RolenameJavaScriptRegEx", &PolicySettings::role_name_java_script},
    {"RolenameJavaRegExViolationErrorMsg", &PolicySettings::role_name_violation_message},
    {"PasswordJavaRegEx", &PolicySettings::password_java},
    {"PasswordJavaScriptRegEx", &PolicySettings::password_java_script},
    {"PasswordJavaRegExViolationErrorMsg", &PolicySettings::password_violation_message},
    {"ReadOnly", &PolicySettings::read_only},
    {"Disabled", &PolicySettings::disabled},
    {"CaseInsensitiveUsername", &PolicySettings::case_insensitive_username},
    {"tolerances", &PolicySettings::tolerances},
    {"privilegedAttributes", &PolicySettings::privileged_attributes},
    {"privilegedGroups", &PolicySettings::privileged_groups},
    {"requestsPerMinute", &PolicySettings::requests_per_minute},
    {GuardRailSettings::kName, &PolicySettings::guard_rails},
}};

constexpr std::string_view kOldUsernameSpelling = "UserNameJavaRegEx";

const Setting* findSetting(std::string_view name) {
  if (name == kOldUsernameSpelling) name = kSettings.front().name;
  const auto found = std::find_if(kSettings.begin(), kSettings.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == kSettings.end() ? nullptr : &*found;
}

json::Value valueOf(const PolicySettings& settings, const Setting& setting) {
  if (const auto* list = std::get_if<List>(&setting.member)) {
    const auto& entries = settings.**list;
    return json::Array(entries.begin(), entries.end());
  }
  if (const auto* rails = std::get_if<Rails>(&setting.member)) {
    const auto& set = settings.**rails;
    return set ? json::Value(set->toJson()) : json::Value(nullptr);
  }
  if (const auto* flag = std::get_if<Flag>(&setting.member)) return settings.**flag;
  if (const auto* count = std::get_if<Count>(&setting.member)) {
    return std::int64_t{settings.**count};
  }
  return settings.*std::get<Text>(setting.member);
}

bool isBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::optional<bool> readFlag(const json::Value& value) {
  if (const bool* flag = value.boolean()) return *flag;
  if (const std::string* text = value.string()) {
    if (*text == "true") return true;
    if (*text == "false") return false;
  }
  return std::nullopt;
}

/// A whole number from 0 to kMostRequestsPerMinute, or its digits.
std::optional<std::uint32_t> readCount(const json::Value& value) {
  std::optional<std::int64_t> read;
  if (value.number() != nullptr) read = value.number()->asInt64();
  if (const std::string* text = value.string()) {
    std::uint32_t number = 0;
    const char* end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) read = number;
  }
  if (!read || *read < 0 || *read > kMostRequestsPerMinute) return std::nullopt;
  return static_cast<std::uint32_t>(*read);
}

bool isSettingText(const json::Value& value) {
  const std::string* const text = value.string();
  return text != nullptr && text->size() <= kMaxSetting && isValidUtf8(*text);
}

/// The parts of a text with commas between them, without the blanks around them.
json::Array splitAtCommas(std::string_view text) {
  json::Array parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    auto part = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    part.remove_prefix(std::min(part.find_first_not_of(' '), part.size()));
    part = part.substr(0, part.find_last_not_of(' ') + 1);
    parts.emplace_back(part);
  }
  return parts;
}

/// The entries of a list; nothing for what is no list.
std::optional<std::vector<std::string>> readList(const json::Value& value) {
  const json::Array split = value.isString() ? splitAtCommas(*value.string()) : json::Array();
  const json::Array* const array = value.isString() ? &split : value.array();
  if (array == nullptr || array->size() > kMaxEntries) return std::nullopt;
  std::vector<std::string> entries;
  for (const auto& entry : *array) {
    if (!isSettingText(entry) || isBlank(*entry.string())) return std::nullopt;
    entries.push_back(*entry.string());
  }
  return entries;
}

tl::unexpected<Error> wrongValue(std::string_view name, std::string_view expected) {
  return failure(ErrorKind::kInvalidValue,
                 std::string(name) + " has to be " + std::string(expected), std::string(name),
                 "POL-1022");
}

Result<std::optional<Pattern>> compileSetting(std::string_view name, const std::string& text,
                                              Dialect dialect) {
  if (isBlank(text)) return std::nullopt;
  auto pattern = Pattern::compile(text, dialect);
  if (!pattern) {
    Error error = std::move(pattern.error());
    error.detail = std::string(name) + ": " + error.detail;
    error.attribute = name;
    return tl::make_unexpected(std::move(error));
  }
  return std::move(*pattern);
}

/// What an error about one kind of text says.
struct Wording {
  const char* attribute;
  const char* what;
  const char* violation_code;
  std::string_view limit_code;
};

constexpr Wording kUserNameWording = {"userName", "User name", "POL-1001", kUserNameLimitCode};
constexpr Wording kRoleNameWording = {"displayName", "Role name", "POL-1002", kRoleNameLimitCode};
constexpr Wording kPasswordWording = {"password", "Password", "POL-1003", "POL-1013"};

Result<void> enforce(const std::optional<Pattern>& java, const std::optional<Pattern>& java_script,
                     std::string_view text, const Wording& wording, const std::string& message) {
  for (const auto* pattern : {&java, &java_script}) {
    if (!*pattern) continue;
    switch ((*pattern)->test(text)) {
      case Match::kYes:
        break;
      case Match::kNo:
        return failure(
            ErrorKind::kInvalidValue,
            isBlank(message) ? std::string(wording.what) + " pattern policy violated" : message,
            wording.attribute, wording.violation_code);
      case Match::kLimit:
        return failure(ErrorKind::kInvalidValue,
                       std::string(wording.what) +
                           " cannot be checked against the policy: it is too long, or the "
                           "pattern needs too much work on it",
                       wording.attribute, std::string(wording.limit_code));
    }
  }
  return {};
}

}  // namespace

PolicySettings PolicySettings::primaryDefaults() {
  PolicySettings settings;
  settings.username_java = R"(^[^\s*?%]{3,30}$)";
  settings.username_java_script = R"(^[^\s*?%]{3,30}$)";
  settings.username_violation_message = "Username pattern policy violated";
  settings.role_name_java = R"(^[\S]{3,30}$)";
  settings.role_name_java_script = R"(^[\S]{3,30}$)";
  settings.password_java = R"(^[\S]{5,30}$)";
  settings.password_java_script = R"(^[\S]{5,30}$)";
  settings.password_violation_message = "Password length should be within 5 to 30 characters";
  settings.case_insensitive_username = true;
  return settings;
}

PolicySettings PolicySettings::secondaryDefaults() {
  PolicySettings settings;
  settings.username_java = R"([a-zA-Z0-9._\-|//]{3,30}$)";
  settings.username_java_script = R"([a-zA-Z0-9._\-|//]{3,30}$)";
  settings.username_violation_message = "Username pattern policy violated.";
  settings.role_name_java = R"([a-zA-Z0-9._\-|//]{3,30}$)";
  settings.role_name_java_script = R"(^[\S]{5,30}$)";
  settings.password_java = R"(^[\S]{5,30}$)";
  settings.password_java_script = R"(^[\S]{5,30}$)";
  settings.password_violation_message = "Password pattern policy violated";
  settings.case_insensitive_username = false;
  return settings;
}

Result<void> PolicySettings::set(std::string_view name, const json::Value& value) {
  const Setting* const setting = findSetting(name);
  if (setting == nullptr) {
    return failure(ErrorKind::kInvalidValue,
                   "there is no policy setting \"" + printable(name, 60) + "\"", {}, "POL-1021");
  }
  if (const auto* flag = std::get_if<Flag>(&setting->member)) {
    const auto read = readFlag(value);
    if (!read) return wrongValue(setting->name, "true or false");
    this->** flag = *read;
    return {};
  }
  if (const auto* count = std::get_if<Count>(&setting->member)) {
    const auto read = readCount(value);
    if (!read) {
      return wrongValue(setting->name,
                        "a whole number from 0 to " + std::to_string(kMostRequestsPerMinute));
    }
    this->** count = *read;
    return {};
  }
  if (const auto* list = std::get_if<List>(&setting->member)) {
    auto read = readList(value);
    if (!read) {
      return wrongValue(setting->name, "an array of at most " + std::to_string(kMaxEntries) +
                                           " texts, none of them empty");
    }
    this->** list = *std::move(read);
    return {};
  }
  if (const auto* rails = std::get_if<Rails>(&setting->member)) {
    auto& set = this->**rails;
    set.reset();
    if (value.isNull()) return {};
    auto read = GuardRailSettings::fromJson(value);
    if (!read) return propagate(read);
    set = *read;
    return {};
  }
  if (!isSettingText(value)) {
    return wrongValue(setting->name,
                      "text in UTF-8 of at most " + std::to_string(kMaxSetting) + " bytes");
  }
  this->*std::get<Text>(setting->member) = *value.string();
  return {};
}

std::optional<json::Value> PolicySettings::get(std::string_view name) const {
  const Setting* const setting = findSetting(name);
  if (setting == nullptr) return std::nullopt;
  return valueOf(*this, *setting);
}

json::Object PolicySettings::toJson() const {
  json::Object object;
  for (const auto& setting : kSettings) object.set(setting.name, valueOf(*this, setting));
  return object;
}

Result<PolicySettings> PolicySettings::fromJson(const json::Value& value, PolicySettings defaults) {
  const json::Object* const object = value.object();
  if (object == nullptr) return wrongValue("the policy", "an object of settings");
  for (const auto& member : *object) {
    if (auto done = defaults.set(member.key, member.value); !done) return propagate(done);
  }
  return defaults;
}

Result<DomainPolicy> DomainPolicy::compile(PolicySettings settings) {
  DomainPolicy policy(std::move(settings));
  const struct {
    Text text;
    Dialect dialect;
    std::optional<Pattern>& pattern;
  } patterns[] = {
      {&PolicySettings::username_java, Dialect::kJava, policy.username_.java},
      {&PolicySettings::username_java_script, Dialect::kJavaScript, policy.username_.java_script},
      {&PolicySettings::role_name_java, Dialect::kJava, policy.role_name_.java},
      {&PolicySettings::role_name_java_script, Dialect::kJavaScript, policy.role_name_.java_script},
      {&PolicySettings::password_java, Dialect::kJava, policy.password_.java},
      {&PolicySettings::password_java_script, Dialect::kJavaScript, policy.password_.java_script},
  };
  for (const auto& one : patterns) {
    const auto setting = std::find_if(kSettings.begin(), kSettings.end(), [&](const Setting& each) {
      const auto* text = std::get_if<Text>(&each.member);
      return text != nullptr && *text == one.text;
    });
    auto pattern = compileSetting(setting->name, policy.settings_.*one.text, one.dialect);
    if (!pattern) return propagate(pattern);
    one.pattern = std::move(*pattern);
  }
  if (!isBlank(policy.settings_.tolerances)) {
    auto tolerances = scim::parseTolerances(policy.settings_.tolerances);
    if (!tolerances) {
      tolerances.error().code = "POL-1022";
      return propagate(tolerances);
    }
    policy.tolerances_ = *tolerances;
  }
  const auto& groups = policy.settings_.privileged_groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::string_view name = groups[i];
    const bool any_rest = name.ends_with('*');
    if (any_rest) name.remove_suffix(1);
    if (name.find('*') != std::string_view::npos) {
      return failure(
          ErrorKind::kInvalidValue,
          "/privilegedGroups/" + std::to_string(i) + ": a \"*\" stands at the end of a name only",
          "privilegedGroups", "POL-1022");
    }
    policy.privileged_groups_.push_back({foldCase(name), any_rest});
  }
  return policy;
}

bool DomainPolicy::isPrivilegedGroup(std::string_view bare_name) const {
  if (privileged_groups_.empty()) return false;
  const std::string key = foldCase(bare_name);
  return std::any_of(privileged_groups_.begin(), privileged_groups_.end(),
                     [&](const GroupNames& names) {
                       return names.any_rest ? key.starts_with(names.key) : key == names.key;
                     });
}

Result<void> DomainPolicy::checkUserName(std::string_view bare_name) const {
  return enforce(username_.java, username_.java_script, bare_name, kUserNameWording,
                 settings_.username_violation_message);
}

Result<void> DomainPolicy::checkRoleName(std::string_view bare_name) const {
  return enforce(role_name_.java, role_name_.java_script, bare_name, kRoleNameWording,
                 settings_.role_name_violation_message);
}

Result<void> DomainPolicy::checkPassword(const Secret& password) const {
  return enforce(password_.java, password_.java_script, password.exposeSecret(), kPasswordWording,
                 settings_.password_violation_message);
}

}  // namespace vestibule::policy
