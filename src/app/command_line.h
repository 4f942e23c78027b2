#pragma once
// What the commands share: global options, the configuration, and opening the stack.

#include <functional>
#include <optional>
#include <string>

#include "app/command.h"
#include "app/config.h"
#include "app/stack.h"

namespace vestibule::app {

/// The command line while it is read and run.
class CommandLine {
 public:
  /// Adds `--config` and `--json`.
  explicit CommandLine(Command root);

  /// What to do when `command` is the one that was given; returns the exit status.
  void on(Command command, std::function<int()> action);
  /// The same with the stack open, as withStack opens it where nothing is to be migrated.
  void on(Command command, std::function<int(Stack&)> work);
  /// Loads the configuration and runs the chosen action.
  int run();

  [[nodiscard]] bool json() const { return json_; }
  [[nodiscard]] const Config& config() const { return *config_; }

  /// Opens the stack and runs `work`; prints why it cannot. With `migrate` a database that is not
  /// there is made and one that is not up to date brought so; else both are failures, for whoever
  /// asks from the wrong folder or by another version. Log lines below warnings are left out: the
  /// answer is what was asked for.
  int withStack(const std::function<int(Stack&)>& work, bool migrate = false);
  /// The same with a stack that is StackOptions::bare; with `make` a private database that is not
  /// there is made.
  int withBareStack(const std::function<int(Stack&)>& work, bool make);

 private:
  int withStack(const std::function<int(Stack&)>& work, StackOptions options);

  std::string config_file_;
  bool json_ = false;
  std::optional<Config> config_;
  std::function<int()> action_;
};

/// `domain create|list|show|set|enable|disable|delete`, and those of addGuardRailCommands
void addDomainCommands(Command root, CommandLine& line);
/// `guard-rails|lift-guard-rails|restore-guard-rails`, below `domain`
void addGuardRailCommands(Command domain, CommandLine& line);
/// `move`, below `domain`
void addMoveCommand(Command domain, CommandLine& line);
/// `backup`, `backup verify` and `restore`
void addBackupCommands(Command root, CommandLine& line);
/// `idp apply|import|list|show|history|rollback|delete`
void addIdentityProviderCommands(Command root, CommandLine& line);
/// `audit`
void addAuditCommand(Command root, CommandLine& line);
/// `token create|list|revoke`
void addTokenCommands(Command root, CommandLine& line);
void addTokenIssuerCommands(Command root, CommandLine& line);
/// `event-stream apply|list|show|status|pause|resume|remove|dead|redeliver|drop|rotate-key`
void addEventStreamCommands(Command root, CommandLine& line);
void addOperationCommands(Command root, CommandLine& line);
/// `secret new-key|status|seal|unseal|discard-lost`
void addSecretCommands(Command root, CommandLine& line);
/// `outbound list|show|apply|delete|status|failed|retry|sync-all|explain`
void addOutboundCommands(Command root, CommandLine& line);
/// `top`
void addTopCommand(Command root, CommandLine& line);
/// `consent purposes|receipts|receipt|decisions|withdraw`
void addConsentCommands(Command root, CommandLine& line);
/// `import`
void addImportCommand(Command root, CommandLine& line);
/// `export`
void addExportCommand(Command root, CommandLine& line);

}  // namespace vestibule::app
