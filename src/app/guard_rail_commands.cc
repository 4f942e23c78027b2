#include <charconv>
#include <chrono>
#include <memory>
#include <vector>

#include "app/command_line.h"
#include "app/command_output.h"
#include "base/clock.h"
#include "directory/domains.h"
#include "directory/guard_rails.h"

namespace vestibule::app {
namespace {

using std::chrono::minutes;

/// Longer than that is a change of the settings, not an exception.
constexpr minutes kLongest = std::chrono::hours(7 * 24);

struct GuardRailArguments {
  std::string name;
  std::string for_how_long;
};

Error wrong(ErrorKind kind, std::string text) { return {kind, std::move(text), {}, {}, {}}; }

/// `30m`, `2h` or `1d`.
std::optional<minutes> readDuration(std::string_view text) {
  unsigned number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  constexpr unsigned kMost = 10'080;
  if (fault != std::errc() || number == 0 || number > kMost) return std::nullopt;
  minutes duration{};
  if (unit == "m") {
    duration = minutes(number);
  } else if (unit == "h") {
    duration = std::chrono::hours(number);
  } else if (unit == "d") {
    duration = std::chrono::days(number);
  }
  if (duration == minutes::zero() || duration > kLongest) return std::nullopt;
  return duration;
}

const directory::Domain* findDomain(const directory::Catalog& catalog, const std::string& name) {
  const auto* domain = catalog.findDomain(name);
  if (domain == nullptr) {
    printFailure(wrong(ErrorKind::kNotFound, "there is no user store domain " + name));
  }
  return domain;
}

/// A window as a row for people.
json::Object rowOf(const json::Object& window) {
  const json::Object& actor = *window.find("actor")->object();
  const json::Value* name = actor.find("name");
  json::Object row;
  row.set("actor", name != nullptr ? *name : *actor.find("type"));
  for (const char* member : {"kind", "used", "cap", "refused", "ends"}) {
    row.set(member, *window.find(member));
  }
  return row;
}

int show(Stack& stack, const std::string& name, bool json) {
  const auto catalog = stack.context().catalog->current();
  const auto* domain = findDomain(*catalog, name);
  if (domain == nullptr) return 1;
  auto state = directory::describeGuardRails(stack.context(), *catalog, *domain, now());
  if (!state) return printFailure(state.error());
  if (json) {
    printValue(*state, true);
    return 0;
  }
  std::vector<json::Object> rows;
  for (const auto& window : *state->find("windows")->array())
    rows.push_back(rowOf(*window.object()));
  state->erase("windows");
  printValue(*state, false);
  if (!rows.empty()) {
    printTable(rows, {"actor", "kind", "used", "cap", "refused", "ends"}, false);
  }
  return 0;
}

/// Sets or removes the moment until which the guard-rails of a domain are lifted.
int setLifted(Stack& stack, const std::string& name, json::Value until, bool json) {
  const auto catalog = stack.context().catalog->current();
  const auto* domain = findDomain(*catalog, name);
  if (domain == nullptr) return 1;
  if (!domain->policy.settings().guard_rails) {
    return printFailure(wrong(ErrorKind::kConflict, "user store domain " + domain->name().value() +
                                                        " has no guard-rails"));
  }
  json::Object rails;
  rails.set("liftedUntil", std::move(until));
  json::Object settings;
  settings.set(policy::GuardRailSettings::kName, std::move(rails));
  json::Object patch;
  patch.set("settings", std::move(settings));
  auto changed = directory::changeDomain(stack.context(), domain->tables().number, patch, {});
  if (!changed) return printFailure(changed.error());
  printValue(*changed->find("settings")->find(policy::GuardRailSettings::kName), json);
  return 0;
}

int lift(Stack& stack, const GuardRailArguments& arguments, bool json) {
  const auto duration = readDuration(arguments.for_how_long);
  if (!duration) {
    return printFailure(wrong(ErrorKind::kInvalidValue,
                              "--for takes minutes, hours or days, at most a week: 30m, 2h, 1d"));
  }
  const Timestamp until =
      now() + std::chrono::duration_cast<std::chrono::microseconds>(*duration).count();
  return setLifted(stack, arguments.name, formatTimestamp(until), json);
}

}  // namespace

void addGuardRailCommands(Command domain, CommandLine& line) {
  auto arguments = std::make_shared<GuardRailArguments>();
  const auto add = [&](const char* name, const char* help, std::function<int(Stack&)> work) {
    auto command = domain.addSubcommand(name, help);
    line.on(command, std::move(work));
    command.addOption("name", arguments->name, "Name of the domain").required();
    return command;
  };
  add("guard-rails", "Show the guard-rails of a domain, and what is counted by them",
      [arguments, &line](Stack& stack) { return show(stack, arguments->name, line.json()); });
  add("lift-guard-rails", "Let everything through the guard-rails of a domain for a while",
      [arguments, &line](Stack& stack) { return lift(stack, *arguments, line.json()); })
      .addOption("--for", arguments->for_how_long, "For how long: 30m, 2h or 1d; at most a week")
      .required();
  add("restore-guard-rails", "End that: the guard-rails hold again",
      [arguments, &line](Stack& stack) {
        return setLifted(stack, arguments->name, nullptr, line.json());
      });
}

}  // namespace vestibule::app
