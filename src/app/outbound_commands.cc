#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/settings_commands.h"
#include "outbound/status.h"
#include "outbound/targets.h"

namespace vestibule::app {
namespace {

struct OutboundArguments {
  std::string name;  ///< of the target
  std::string id;
};

/// As many as are read at once.
constexpr std::uint64_t kPage = 1'000;

Result<ResourceId> readId(const std::string& text) {
  const auto id = ResourceId::parse(text);
  if (id) return *id;
  return failure(ErrorKind::kInvalidValue, "\"" + text + "\" is no id of a user or group");
}

int printed(const Result<json::Object>& shown, bool json) {
  if (!shown) return printFailure(shown.error());
  printValue(*shown, json);
  return 0;
}

int status(Stack& stack, const OutboundArguments& arguments, bool json) {
  if (arguments.id.empty()) {
    return printed(outbound::describeTarget(stack.context(), arguments.name), json);
  }
  const auto id = readId(arguments.id);
  if (!id) return printFailure(id.error());
  return printed(outbound::describeResource(stack.context(), arguments.name, *id), json);
}

int failed(Stack& stack, const std::string& name, bool json) {
  std::vector<json::Object> rows;
  for (ResourceId after;;) {
    auto page = outbound::listFailed(stack.context(), name, after, kPage);
    if (!page) return printFailure(page.error());
    for (auto& row : *page->find("failed")->array()) rows.push_back(*row.object());
    const auto* next = page->find("next");
    if (next == nullptr) break;
    after = *ResourceId::parse(*next->string());
  }
  printTable(rows, {"resource", "type", "attempts", "since", "httpStatus", "detail"}, json);
  return 0;
}

int retry(Stack& stack, const OutboundArguments& arguments) {
  std::optional<ResourceId> only;
  if (!arguments.id.empty()) {
    const auto id = readId(arguments.id);
    if (!id) return printFailure(id.error());
    only = *id;
  }
  const auto retried = outbound::retry(stack.context(), arguments.name, only);
  if (!retried) return printFailure(retried.error());
  std::printf("%llu resources are tried again.\n", static_cast<unsigned long long>(*retried));
  return 0;
}

int sync(Stack& stack, const std::string& name) {
  auto marked = outbound::syncAll(stack.context(), name);
  if (!marked) return printFailure(marked.error());
  std::printf("Every resource of %s is looked at again.\n", name.c_str());
  return 0;
}

int explain(Stack& stack, const OutboundArguments& arguments) {
  const auto id = readId(arguments.id);
  if (!id) return printFailure(id.error());
  return printed(outbound::explainUser(stack.context(), arguments.name, *id), true);
}

}  // namespace

void addOutboundCommands(Command root, CommandLine& line) {
  auto targets =
      root.addGroup("outbound", "Other systems that users and groups are provisioned to");
  auto arguments = std::make_shared<OutboundArguments>();
  const SettingsCommands settings(
      line, outbound::kTargetSettings,
      {.columns = {"name", "enabled", "baseUrl", "onRemoval", "modified"},
       .argument = "target",
       .argument_help = "Name of the target",
       .kind = "Outbound target",
       .deleted = "is deleted; what the other system has stays there."});
  settings.list(targets.addSubcommand("list", "List outbound targets"));
  settings.show(
      targets.addSubcommand("show", "Print the settings of a target, without its secret"));
  settings.apply(
      targets.addSubcommand("apply", "Create or replace a target from a JSON or TOML file"));
  settings.remove(
      targets.addSubcommand("delete", "Delete a target; what the other system has stays there"));

  const auto add = [&](const char* name, const char* help, std::function<int(Stack&)> work) {
    auto command = targets.addSubcommand(name, help);
    line.on(command, std::move(work));
    command.addOption("target", arguments->name, "Name of the target").required();
    return command;
  };
  add("status", "How a target stands, or one user or group with it",
      [&line, arguments](Stack& stack) { return status(stack, *arguments, line.json()); })
      .addOption("id", arguments->id, "Id of a user or group");
  add("failed", "List what the target does not take",
      [&line, arguments](Stack& stack) { return failed(stack, arguments->name, line.json()); });
  add("retry", "Try again what has failed", [arguments](Stack& stack) {
    return retry(stack, *arguments);
  }).addOption("id", arguments->id, "Id of a user or group; without it, all that has failed");
  add("sync-all", "Look at every user and group again",
      [arguments](Stack& stack) { return sync(stack, arguments->name); });
  add("explain", "Print what would be sent of a user, and why or why not",
      [arguments](Stack& stack) { return explain(stack, *arguments); })
      .addOption("id", arguments->id, "Id of the user")
      .required();
}

}  // namespace vestibule::app
