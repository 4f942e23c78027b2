#include "app/command_line.h"

#include <cstdio>
#include <utility>

#include "app/command_output.h"
#include "base/log.h"

namespace vestibule::app {

CommandLine::CommandLine(Command root) {
  root.addOption("--config", config_file_,
                 "Configuration file (default: $VESTIBULE_CONFIG, ./vestibule.toml, "
                 "/etc/vestibule/vestibule.toml)");
  root.addFlag("--json", json_, "Print data as JSON");
}

void CommandLine::on(Command command, std::function<int()> action) {
  command.whenGiven([this, action = std::move(action)] { action_ = action; });
}

void CommandLine::on(Command command, std::function<int(Stack&)> work) {
  on(command, [this, work = std::move(work)] { return withStack(work); });
}

int CommandLine::run() {
  auto config = loadConfig(
      config_file_.empty() ? std::nullopt : std::optional<std::filesystem::path>(config_file_),
      processEnvironment());
  if (!config) return printFailure(config.error());
  config_ = *std::move(config);
  return action_();
}

int CommandLine::withStack(const std::function<int(Stack&)>& work, bool migrate) {
  StackOptions options;
  options.migrate = migrate;
  return withStack(work, std::move(options));
}

int CommandLine::withBareStack(const std::function<int(Stack&)>& work, bool make) {
  StackOptions options;
  options.migrate = make;
  options.bare = true;
  return withStack(work, std::move(options));
}

int CommandLine::withStack(const std::function<int(Stack&)>& work, StackOptions options) {
  startLog("warn", config_->log.format == "json");
  options.progress = [](const std::string& line) {
    static_cast<void>(std::fprintf(stderr, "%s\n", line.c_str()));
  };
  auto stack = Stack::open(*config_, options);
  if (!stack) return printFailure(stack.error());
  return work(**stack);
}

}  // namespace vestibule::app
