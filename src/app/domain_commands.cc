#include <cstdio>
#include <utility>

#include "app/command_line.h"
#include "app/command_output.h"
#include "directory/domains.h"

namespace vestibule::app {
namespace {

/// What the domain commands are given.
struct DomainArguments {
  std::string name;
  std::optional<std::string> description;
  std::vector<std::string> set;
  std::vector<std::string> unset;
  std::string confirm;
};

/// `Setting=value` texts as a settings object; null for each of `unset`.
Result<json::Object> readSettings(const DomainArguments& arguments) {
  json::Object settings;
  for (const auto& assignment : arguments.set) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) {
      return failure(ErrorKind::kInvalidValue,
                     "--set takes Setting=value, not \"" + assignment + "\"");
    }
    settings.set(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  for (const auto& name : arguments.unset) settings.set(name, nullptr);
  return settings;
}

Error noSuchDomain(const std::string& name) {
  return {ErrorKind::kNotFound, "there is no user store domain " + name, {}, {}, {}};
}

int showChanged(const Result<json::Object>& domain, bool json) {
  if (!domain) return printFailure(domain.error());
  printValue(*domain, json);
  return 0;
}

int create(Stack& stack, const DomainArguments& arguments, bool json) {
  auto settings = readSettings(arguments);
  if (!settings) return printFailure(settings.error());
  json::Object body;
  body.set("name", arguments.name);
  if (arguments.description) body.set("description", *arguments.description);
  if (!settings->empty()) body.set("settings", *std::move(settings));
  return showChanged(directory::createDomain(stack.context(), stack.migrations(), body), json);
}

int change(Stack& stack, const std::string& name, const json::Object& patch, bool json) {
  const auto catalog = stack.context().catalog->current();
  const auto* domain = catalog->findDomain(name);
  if (domain == nullptr) return printFailure(noSuchDomain(name));
  return showChanged(directory::changeDomain(stack.context(), domain->tables().number, patch, {}),
                     json);
}

int changeByOptions(Stack& stack, const DomainArguments& arguments, bool json) {
  auto settings = readSettings(arguments);
  if (!settings) return printFailure(settings.error());
  json::Object patch;
  if (arguments.description) patch.set("description", *arguments.description);
  if (!settings->empty()) patch.set("settings", *std::move(settings));
  if (patch.empty()) {
    return printFailure(Error{ErrorKind::kInvalidValue,
                              "nothing to change: give --set, --unset or --description",
                              {},
                              {},
                              {}});
  }
  return change(stack, arguments.name, patch, json);
}

int setDisabled(Stack& stack, const std::string& name, bool disabled, bool json) {
  json::Object settings;
  settings.set("Disabled", disabled);
  json::Object patch;
  patch.set("settings", std::move(settings));
  return change(stack, name, patch, json);
}

int list(Stack& stack, bool json) {
  std::vector<json::Object> rows;
  const auto catalog = stack.context().catalog->current();
  for (const auto& domain : catalog->domains()) {
    auto row = directory::describeDomain(*domain);
    if (!json) {
      const auto& settings = domain->policy.settings();
      row.set("schema", store::unquoteName(domain->tables().schema));
      row.set("state", domain->unsettled    ? domain->row.state
                       : settings.disabled  ? "disabled"
                       : settings.read_only ? "read-only"
                                            : "active");
    }
    rows.push_back(std::move(row));
  }
  for (const auto& unfinished : catalog->unfinishedDomains()) {
    auto row = directory::describeUnfinishedDomain(unfinished);
    if (!json) row.set("schema", store::unquoteName(unfinished.tables.schema));
    rows.push_back(std::move(row));
  }
  printTable(rows, {"name", "state", "schema", "description"}, json);
  return 0;
}

int show(Stack& stack, const std::string& name, bool json) {
  const auto catalog = stack.context().catalog->current();
  const auto* domain = catalog->findDomain(name);
  if (domain == nullptr) return printFailure(noSuchDomain(name));
  printValue(directory::describeDomain(*domain), json);
  return 0;
}

int remove(Stack& stack, const DomainArguments& arguments) {
  auto deleted = directory::deleteDomain(stack.context(), arguments.name, arguments.confirm, {});
  if (!deleted) return printFailure(deleted.error());
  std::printf("Domain %s is deleted.\n", arguments.name.c_str());
  return 0;
}

}  // namespace

void addDomainCommands(Command root, CommandLine& line) {
  auto domain = root.addGroup("domain", "User store domains and their policies");
  auto arguments = std::make_shared<DomainArguments>();
  const auto add = [&](const char* name, const char* help, std::function<int(Stack&)> work) {
    auto command = domain.addSubcommand(name, help);
    line.on(command, std::move(work));
    return command;
  };
  const auto withName = [&](Command command) {
    command.addOption("name", arguments->name, "Name of the domain").required();
    return command;
  };
  const auto withSettings = [&](Command command) {
    command.addOption("--description", arguments->description, "Text for people");
    command.addOption("--set", arguments->set,
                      "Setting=value, such as UsernameJavaRegEx=^[a-z]{3,30}$ (repeatable)");
    return command;
  };

  withSettings(withName(
      add("create", "Create a domain with its MySQL schema",
          [arguments, &line](Stack& stack) { return create(stack, *arguments, line.json()); })));
  add("list", "List all domains", [&line](Stack& stack) { return list(stack, line.json()); });
  withName(add("show", "Show a domain with every setting", [arguments, &line](Stack& stack) {
    return show(stack, arguments->name, line.json());
  }));
  withSettings(withName(add("set", "Change settings or description",
                            [arguments, &line](Stack& stack) {
                              return changeByOptions(stack, *arguments, line.json());
                            })))
      .addOption("--unset", arguments->unset, "Put a setting back to its default (repeatable)");
  withName(add("disable", "Leave a domain out of everything; nothing is deleted",
               [arguments, &line](Stack& stack) {
                 return setDisabled(stack, arguments->name, true, line.json());
               }));
  withName(add("enable", "Take a disabled domain in again", [arguments, &line](Stack& stack) {
    return setDisabled(stack, arguments->name, false, line.json());
  }));
  withName(add("delete", "Delete a domain with every user and group in it",
               [arguments](Stack& stack) { return remove(stack, *arguments); }))
      .addOption("--confirm", arguments->confirm, "The name of the domain, again")
      .required();
  addGuardRailCommands(domain, line);
  addMoveCommand(domain, line);
}

}  // namespace vestibule::app
