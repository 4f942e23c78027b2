#include "policy/guard_rail_settings.h"

#include <algorithm>
#include <string>

#include "base/log.h"
#include "json/parse.h"

namespace vestibule::policy {
namespace {

constexpr std::string_view kWindowMinutes = "windowMinutes";
constexpr std::string_view kLiftedUntil = "liftedUntil";

struct Cap {
  std::string_view name;
  std::optional<std::uint32_t> GuardRailSettings::*member;
};

constexpr Cap kCaps[] = {
    {"deletes", &GuardRailSettings::deletes},
    {"deactivations", &GuardRailSettings::deactivations},
    {"membershipRemovals", &GuardRailSettings::membership_removals},
};

std::string pathOf(std::string_view member) {
  return std::string(GuardRailSettings::kName) + "." + std::string(member);
}

tl::unexpected<Error> wrong(std::string path, std::string_view expected) {
  std::string detail = path + " has to be " + std::string(expected);
  return failure(ErrorKind::kInvalidValue, std::move(detail), std::move(path), "POL-1022");
}

Result<std::uint32_t> readNumber(std::string_view member, const json::Value& value,
                                 std::uint32_t most) {
  const auto number = value.number() == nullptr ? std::nullopt : value.number()->asInt64();
  if (number && *number >= 1 && *number <= most) return static_cast<std::uint32_t>(*number);
  return wrong(pathOf(member), "a whole number from 1 to " + std::to_string(most));
}

Result<void> readMember(std::string_view member, const json::Value& value,
                        GuardRailSettings& settings) {
  const auto cap = std::find_if(std::begin(kCaps), std::end(kCaps),
                                [&](const Cap& each) { return each.name == member; });
  if (cap != std::end(kCaps)) {
    auto number = readNumber(member, value, GuardRailSettings::kMostOfCap);
    if (!number) return propagate(number);
    settings.*cap->member = *number;
    return {};
  }
  if (member == kWindowMinutes) {
    auto number = readNumber(member, value, GuardRailSettings::kMostWindowMinutes);
    if (!number) return propagate(number);
    settings.window_minutes = *number;
    return {};
  }
  if (member == kLiftedUntil) {
    settings.lifted_until =
        value.isString() ? parseTimestamp(*value.string()) : std::optional<Timestamp>();
    if (settings.lifted_until) return {};
    return wrong(pathOf(member), "a date and time, as 2027-01-31T12:00:00Z");
  }
  return failure(ErrorKind::kInvalidValue,
                 "guardRails has no member \"" + printable(member, 60) + "\"",
                 std::string(GuardRailSettings::kName), "POL-1021");
}

}  // namespace

Result<GuardRailSettings> GuardRailSettings::fromJson(const json::Value& value) {
  json::Value parsed;
  const json::Value* document = &value;
  if (value.isString()) {
    if (auto read = json::parse(*value.string())) parsed = *std::move(read);
    document = &parsed;
  }
  if (!document->isObject()) {
    return wrong(std::string(kName),
                 "an object, as {\"windowMinutes\": 60, \"deletes\": 100}, or null");
  }
  GuardRailSettings settings;
  for (const auto& [member, wanted] : *document->object()) {
    if (wanted.isNull()) continue;
    if (auto read = readMember(member, wanted, settings); !read) return propagate(read);
  }
  return settings;
}

json::Object GuardRailSettings::toJson() const {
  json::Object object;
  object.set(kWindowMinutes, std::uint64_t{window_minutes});
  for (const auto& [name, member] : kCaps) {
    if (this->*member) object.set(name, std::uint64_t{*(this->*member)});
  }
  if (lifted_until) object.set(kLiftedUntil, formatTimestamp(*lifted_until));
  return object;
}

}  // namespace vestibule::policy
