#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/toml_document.h"
#include "outbound/status.h"
#include "outbound/targets.h"

namespace vestibule::app {
namespace {

struct OutboundArguments {
  std::string name;  ///< of the target, or of the file
  std::string id;
};

/// As many as are read at once.
constexpr std::uint64_t kPage = 1'000;

int list(Stack& stack, bool json) {
  std::vector<json::Object> rows;
  for (auto& view : outbound::listTargets(stack.context())) {
    view.document.set("modified", formatTimestamp(view.modified));
    rows.push_back(std::move(view.document));
  }
  printTable(rows, {"name", "enabled", "baseUrl", "onRemoval", "modified"}, json);
  return 0;
}

int show(Stack& stack, const std::string& name) {
  auto view = outbound::findTarget(stack.context(), name);
  if (!view) return printFailure(view.error());
  printValue(view->document, true);
  return 0;
}

int apply(Stack& stack, const std::string& file, bool json) {
  auto document = readDocument(file);
  if (!document) return printFailure(document.error());
  auto applied = outbound::applyTarget(stack.context(), *document);
  if (!applied) {
    applied.error().detail = file + ": " + applied.error().detail;
    return printFailure(applied.error());
  }
  printApplied(applied->view.document, applied->created, applied->view.version, json);
  return 0;
}

int remove(Stack& stack, const std::string& name) {
  auto removed = outbound::removeTarget(stack.context(), name);
  if (!removed) return printFailure(removed.error());
  std::printf("Outbound target %s is deleted; what the other system has stays there.\n",
              name.c_str());
  return 0;
}

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
  auto outbound =
      root.addGroup("outbound", "Other systems that users and groups are provisioned to");
  auto arguments = std::make_shared<OutboundArguments>();
  using Work = std::function<int(Stack&)>;
  const auto add = [&](const char* name, const char* help, Work work) {
    auto command = outbound.addSubcommand(name, help);
    line.on(command, [&line, work = std::move(work)] { return line.withStack(work); });
    return command;
  };
  const auto add_for_target = [&](const char* name, const char* help, Work work) {
    auto command = add(name, help, std::move(work));
    command.addOption("target", arguments->name, "Name of the target").required();
    return command;
  };
  add("list", "List outbound targets", [&line](Stack& stack) { return list(stack, line.json()); });
  add_for_target("show", "Print the settings of a target, without its secret",
                 [arguments](Stack& stack) { return show(stack, arguments->name); });
  add("apply", "Create or replace a target from a JSON or TOML file",
      [&line, arguments](Stack& stack) { return apply(stack, arguments->name, line.json()); })
      .addOption("file", arguments->name, "The document")
      .required()
      .existingFile();
  add_for_target("delete", "Delete a target; what the other system has stays there",
                 [arguments](Stack& stack) { return remove(stack, arguments->name); });
  add_for_target(
      "status", "How a target stands, or one user or group with it",
      [&line, arguments](Stack& stack) { return status(stack, *arguments, line.json()); })
      .addOption("id", arguments->id, "Id of a user or group");
  add_for_target("failed", "List what the target does not take", [&line, arguments](Stack& stack) {
    return failed(stack, arguments->name, line.json());
  });
  add_for_target("retry", "Try again what has failed", [arguments](Stack& stack) {
    return retry(stack, *arguments);
  }).addOption("id", arguments->id, "Id of a user or group; without it, all that has failed");
  add_for_target("sync-all", "Look at every user and group again",
                 [arguments](Stack& stack) { return sync(stack, arguments->name); });
  add_for_target("explain", "Print what would be sent of a user, and why or why not",
                 [arguments](Stack& stack) { return explain(stack, *arguments); })
      .addOption("id", arguments->id, "Id of the user")
      .required();
}

}  // namespace vestibule::app
