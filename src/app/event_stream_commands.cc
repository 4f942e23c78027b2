#include <chrono>
#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/settings_commands.h"
#include "feed/event_keys.h"
#include "feed/streams.h"

namespace vestibule::app {
namespace {

struct StreamArguments {
  std::string name;
  std::string id;
  bool all = false;
  bool now = false;
};

/// As many as are read at once.
constexpr std::uint64_t kPage = 1'000;

int setState(Stack& stack, const std::string& name, const char* state) {
  auto view = feed::patchStream(stack.context(), name, json::Object{{"state", state}});
  if (!view) return printFailure(view.error());
  std::printf("Event stream %s is %s.\n", name.c_str(), state);
  return 0;
}

int status(Stack& stack, const std::string& name, bool json) {
  auto found = feed::streamStatus(stack.context(), name);
  if (!found) return printFailure(found.error());
  printValue(*found, json);
  return 0;
}

int dead(Stack& stack, const std::string& name, bool json) {
  std::vector<json::Object> rows;
  std::uint64_t after = 0;
  for (;;) {
    auto page = feed::deadEvents(stack.context(), name, after, kPage);
    if (!page) return printFailure(page.error());
    for (auto& event : page->events) rows.push_back(std::move(event));
    if (!page->next) break;
    after = *page->next;
  }
  printTable(rows, {"id", "occurred", "resource", "attempts", "code", "reason"}, json);
  return 0;
}

int redeliver(Stack& stack, const StreamArguments& arguments) {
  const auto id = arguments.all ? std::nullopt : std::optional(arguments.id);
  auto sent = feed::redeliver(stack.context(), arguments.name, id);
  if (!sent) return printFailure(sent.error());
  std::printf("%llu dead events are sent again.\n", static_cast<unsigned long long>(*sent));
  return 0;
}

int drop(Stack& stack, const StreamArguments& arguments) {
  auto dropped = feed::dropEvent(stack.context(), arguments.name, arguments.id);
  if (!dropped) return printFailure(dropped.error());
  std::printf("Event %s is dropped.\n", arguments.id.c_str());
  return 0;
}

int rotateKey(Stack& stack, bool now) {
  const auto rotation = now ? feed::KeyRotation::kAtOnce : feed::KeyRotation::kOverlapping;
  auto rotated = feed::rotateEventKey(stack.context(), rotation, directory::commandLine());
  if (!rotated) return printFailure(rotated.error());
  if (now) {
    std::printf("Events are signed with a new key; the others are gone from /events/v1/keys.\n");
  } else {
    std::printf("A new key is in /events/v1/keys; it signs in %lld minutes.\n",
                static_cast<long long>(
                    std::chrono::duration_cast<std::chrono::minutes>(feed::kKeyLead).count()));
  }
  return 0;
}

void addDeadCommands(Command streams, CommandLine& line,
                     const std::shared_ptr<StreamArguments>& arguments) {
  auto dead_command = streams.addSubcommand("dead", "List events that are not sent any more");
  dead_command.addOption("name", arguments->name, "Name of the event stream").required();
  line.on(dead_command,
          [&line, arguments](Stack& stack) { return dead(stack, arguments->name, line.json()); });

  auto redeliver_command = streams.addSubcommand("redeliver", "Have dead events sent again");
  redeliver_command.addOption("name", arguments->name, "Name of the event stream").required();
  auto id = redeliver_command.addOption("id", arguments->id, "The event's id");
  auto all = redeliver_command.addFlag("--all-dead", arguments->all, "All that are dead");
  id.excludes(all);
  redeliver_command.requireOptions(2);
  line.on(redeliver_command, [arguments](Stack& stack) { return redeliver(stack, *arguments); });

  auto drop_command = streams.addSubcommand("drop", "Forget a dead event");
  drop_command.addOption("name", arguments->name, "Name of the event stream").required();
  drop_command.addOption("id", arguments->id, "The event's id").required();
  line.on(drop_command, [arguments](Stack& stack) { return drop(stack, *arguments); });
}

}  // namespace

void addEventStreamCommands(Command root, CommandLine& line) {
  auto streams = root.addGroup("event-stream", "Who is told of changes, and how");
  auto arguments = std::make_shared<StreamArguments>();

  const SettingsCommands settings(line, feed::kStreamSettings,
                                  {.columns = {"name", "kind", "state", "mode", "url", "modified"},
                                   .argument = "name",
                                   .argument_help = "Name of the event stream",
                                   .kind = "Event stream",
                                   .deleted = "is deleted, with what waited for it."});
  settings.list(streams.addSubcommand("list", "List event streams"));
  settings.apply(
      streams.addSubcommand("apply", "Create or replace an event stream from a JSON or TOML file"));
  settings.show(streams.addSubcommand("show", "Print the settings of an event stream"));

  const auto named = [&](const char* command, const char* about, auto work) {
    auto made = streams.addSubcommand(command, about);
    made.addOption("name", arguments->name, "Name of the event stream").required();
    line.on(made, [&line, arguments, work](Stack& stack) {
      return work(stack, arguments->name, line.json());
    });
  };
  named("status", "Say how an event stream gets on", status);
  named("pause", "Keep events, and send none", [](Stack& stack, const std::string& name, bool) {
    return setState(stack, name, "paused");
  });
  named("resume", "Send events again", [](Stack& stack, const std::string& name, bool) {
    return setState(stack, name, "enabled");
  });
  settings.remove(streams.addSubcommand("remove", "Delete an event stream and what waits for it"));
  addDeadCommands(streams, line, arguments);

  auto rotate_command = streams.addSubcommand("rotate-key", "Sign events with a new key");
  rotate_command.addFlag("--now", arguments->now,
                         "At once, and with none of the others: one of them has leaked");
  line.on(rotate_command, [arguments](Stack& stack) { return rotateKey(stack, arguments->now); });
}

}  // namespace vestibule::app
