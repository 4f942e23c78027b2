#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "jit/operations.h"
#include "jit/operator_operations.h"

namespace vestibule::app {
namespace {

struct OperationArguments {
  std::string state = "dead";
  std::string id;
  bool all_dead = false;
};

/// As many as are read at once.
constexpr std::uint64_t kPage = 1'000;

/// Calls `visit` for each operation of the state.
template <typename Visit>
Result<void> forEach(const directory::Context& context, store::OperationState state,
                     Visit&& visit) {
  std::string after;
  for (;;) {
    auto page = jit::listOperations(context, state, after, kPage);
    if (!page) return propagate(page);
    if (page->empty()) return {};
    after = jit::textOf(page->back().id);
    for (const auto& operation : *page) visit(operation);
    if (page->size() < kPage) return {};
  }
}

int list(Stack& stack, const OperationArguments& arguments, bool json) {
  auto state = jit::parseOperationState(arguments.state);
  if (!state) return printFailure(state.error());
  std::vector<json::Object> rows;
  auto read = forEach(stack.context(), *state, [&](const store::Operation& operation) {
    rows.push_back(jit::describe(operation));
  });
  if (!read) return printFailure(read.error());
  printTable(rows,
             {"id", "state", "identityProvider", "subject", "attempts", "created", "outcome",
              "code", "detail"},
             json);
  return 0;
}

int retryAll(Stack& stack) {
  std::vector<std::string> ids;
  auto read = forEach(stack.context(), store::OperationState::kDead,
                      [&](const auto& operation) { ids.push_back(jit::textOf(operation.id)); });
  if (!read) return printFailure(read.error());
  std::size_t queued = 0;
  for (const auto& id : ids) {
    auto retried = jit::retryOperation(stack.context(), id);
    if (retried) {
      ++queued;
    } else {
      static_cast<void>(std::fprintf(stderr, "%s: ", id.c_str()));
      printFailure(retried.error());
    }
  }
  std::printf("%zu of %zu dead operations are queued again.\n", queued, ids.size());
  return queued == ids.size() ? 0 : 1;
}

int retry(Stack& stack, const OperationArguments& arguments) {
  if (arguments.all_dead) return retryAll(stack);
  auto retried = jit::retryOperation(stack.context(), arguments.id);
  if (!retried) return printFailure(retried.error());
  std::printf("Operation %s is queued again.\n", arguments.id.c_str());
  return 0;
}

int drop(Stack& stack, const std::string& id) {
  auto dropped = jit::dropOperation(stack.context(), id);
  if (!dropped) return printFailure(dropped.error());
  std::printf("Operation %s is dropped.\n", id.c_str());
  return 0;
}

int show(Stack& stack, const std::string& id, bool json) {
  auto found = jit::getOperation(stack.context(), id);
  if (!found) return printFailure(found.error());
  printValue(jit::describe(*found), json);
  return 0;
}

}  // namespace

void addOperationCommands(Command root, CommandLine& line) {
  auto operation = root.addGroup("operation", "Queued provisions");
  auto arguments = std::make_shared<OperationArguments>();

  auto list_command = operation.addSubcommand("list", "List those of a state");
  list_command.addOption("--state", arguments->state,
                         "queued, running, dead or done (default: dead)");
  line.on(list_command,
          [&line, arguments](Stack& stack) { return list(stack, *arguments, line.json()); });

  auto show_command = operation.addSubcommand("show", "Show one");
  show_command.addOption("id", arguments->id, "Its id").required();
  line.on(show_command,
          [&line, arguments](Stack& stack) { return show(stack, arguments->id, line.json()); });

  auto retry_command = operation.addSubcommand("retry", "Queue a dead one again");
  auto id = retry_command.addOption("id", arguments->id, "Its id");
  auto all = retry_command.addFlag("--all-dead", arguments->all_dead, "All that are dead");
  id.excludes(all);
  retry_command.requireOptions(1);
  line.on(retry_command, [arguments](Stack& stack) { return retry(stack, *arguments); });

  auto drop_command =
      operation.addSubcommand("drop", "Remove a dead or queued one: its login is lost");
  drop_command.addOption("id", arguments->id, "Its id").required();
  line.on(drop_command, [arguments](Stack& stack) { return drop(stack, arguments->id); });
}

}  // namespace vestibule::app
