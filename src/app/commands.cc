#include "app/commands.h"

#include <csignal>
#include <cstdio>
#include <optional>

#include "app/build_info.h"
#include "app/check.h"
#include "app/command_line.h"
#include "app/command_output.h"
#include "app/config.h"
#include "app/serve.h"
#include "app/stack.h"
#include "base/log.h"

namespace vestibule::app {
namespace {

void addServe(Command root, CommandLine& line) {
  auto command = root.addSubcommand("serve", "Run the server until SIGTERM or SIGINT");
  auto options = std::make_shared<ServeOptions>();
  command.addOption("--ready-file", options->ready_file,
                    "Write the URLs and the process number to this file once requests are "
                    "accepted");
  line.on(command, [&line, options] {
    const auto& config = line.config();
    startLog(config.log.level, config.log.format == "json");
    // Before any thread exists, so that all inherit it: signals to stop are waited for in one
    // place.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    auto served = serve(config, *options);
    return served ? 0 : printFailure(served.error());
  });
}

void addMigrate(Command root, CommandLine& line) {
  auto command = root.addSubcommand(
      "migrate", "Bring the schemas of the database up to date, and say what was done");
  line.on(command, [&line] {
    const auto report_steps = [&](Stack& stack) {
      json::Object report;
      json::Array steps;
      for (const auto& step : stack.migrated()) steps.emplace_back(step);
      const bool nothing = steps.empty();
      report.set("database", stack.report().version);
      report.set("steps", std::move(steps));
      if (line.json()) {
        printValue(report, true);
      } else if (nothing) {
        std::printf("The database is up to date.\n");
      } else {
        for (const auto& step : stack.migrated()) std::printf("%s\n", step.c_str());
      }
      return 0;
    };
    return line.withStack(report_steps, true);
  });
}

void addCheck(Command root, CommandLine& line) {
  auto command = root.addSubcommand(
      "check", "Look at configuration, database, policies and identity providers");
  line.on(command, [&line](Stack& stack) { return check(line.config(), stack, line.json()); });
}

void addConfig(Command root, CommandLine& line) {
  auto command = root.addSubcommand(
      "config", "Print every setting with its default and meaning, as a vestibule.toml");
  auto effective = std::make_shared<bool>(false);
  command.addFlag("--effective", *effective, "Print the settings in force instead");
  line.on(command, [&line, effective] {
    if (line.json()) {
      printValue(*effective ? redactedDocument(line.config()) : describeConfigDocument(), true);
    } else {
      std::printf("%s", (*effective ? redacted(line.config()) : describeConfig()).c_str());
    }
    return 0;
  });
}

/// The version on a line of its own, for programs; below it what to tell whoever is asked for help.
std::string versionText() {
  std::string text = "vestibule " VESTIBULE_VERSION "\n";
  text += buildInfo();
  text.pop_back();  // --version ends the line
  return text;
}

}  // namespace

int runCommandLine(int argc, const char* const* argv) {
  Program program("Vestibule: SCIM 2.0 and just-in-time provisioning server", "vestibule",
                  versionText());
  const auto root = program.root();
  CommandLine line(root);
  addServe(root, line);
  addMigrate(root, line);
  addCheck(root, line);
  addDomainCommands(root, line);
  addIdentityProviderCommands(root, line);
  addTokenCommands(root, line);
  addTokenIssuerCommands(root, line);
  addEventStreamCommands(root, line);
  addOperationCommands(root, line);
  addSecretCommands(root, line);
  addOutboundCommands(root, line);
  addConsentCommands(root, line);
  addAuditCommand(root, line);
  addImportCommand(root, line);
  addExportCommand(root, line);
  addBackupCommands(root, line);
  addTopCommand(root, line);
  addConfig(root, line);
  if (const auto status = program.read(argc, argv)) return *status;
  return line.run();
}

}  // namespace vestibule::app
