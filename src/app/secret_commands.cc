#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/operator_error.h"
#include "base/secret_keys.h"
#include "directory/author.h"
#include "store/migrations.h"
#include "store/sealing.h"

namespace vestibule::app {
namespace {

Result<store::SealCounts> count(Stack& stack) {
  auto& database = stack.database();
  return database.read([&](store::Session& session) {
    return store::countSecrets(session, database.controlSchema());
  });
}

int status(Stack& stack, bool json) {
  const auto counted = count(stack);
  if (!counted) return printFailure(counted.error());
  printValue(json::Object{{"sealed", counted->current},
                          {"sealedUnderFormerKey", counted->former},
                          {"sealedUnderUnknownKey", counted->unknown},
                          {"clear", counted->clear}},
             json);
  return 0;
}

/// Stores all secrets by these keys.
int storeAnew(Stack& stack, const SecretKeys& keys, const char* action, const char* done) {
  auto& database = stack.database();
  const auto event = directory::eventOf(directory::commandLine(), action, "", now());
  auto stored = database.write([&](store::Session& session) {
    return store::sealSecrets(session, database.controlSchema(), keys, event);
  });
  if (!stored) return printFailure(stored.error());
  std::printf("%llu secrets are %s.\n", static_cast<unsigned long long>(*stored), done);
  return 0;
}

int seal(Stack& stack) {
  const auto& keys = stack.database().options().secret_keys;
  if (keys->empty()) {
    return printFailure(operatorError(
        ErrorKind::kConflict, "there is no key to seal with: set database.secret_key_file"));
  }
  return storeAnew(stack, *keys, "secrets.sealed", "sealed under the first key");
}

int unseal(Stack& stack) {
  return storeAnew(stack, SecretKeys(), "secrets.unsealed", "stored as they are");
}

/// The keys of which what is to be discarded is lost, for people.
std::string listed(const std::set<std::string>& keys) {
  std::string text;
  for (const auto& key : keys) text += (text.empty() ? "" : ", ") + key;
  return text;
}

int discardLost(Stack& stack, const std::vector<std::string>& confirmed) {
  auto& database = stack.database();
  const auto lost = database.read([&](store::Session& session) {
    return store::findLostKeys(session, database.controlSchema());
  });
  if (!lost) return printFailure(lost.error());
  if (lost->count == 0) {
    std::printf("No key of servers or events is lost.\n");
    return 0;
  }
  const std::set<std::string> under(confirmed.begin(), confirmed.end());
  if (under.empty() ||
      !std::includes(lost->under.begin(), lost->under.end(), under.begin(), under.end())) {
    return printFailure(operatorError(
        ErrorKind::kInvalidValue,
        std::to_string(lost->count) +
            " keys of servers and events do not open. The keys that "
            "they are sealed under: " +
            listed(lost->under) +
            ". What is sealed under one is lost when it is discarded: confirm by --confirm and "
            "that key"));
  }
  const auto event = directory::eventOf(directory::commandLine(), "secrets.discarded", "", now());
  auto gone = database.write([&](store::Session& session) {
    return store::discardLostKeys(session, database.controlSchema(), under, event);
  });
  if (!gone) return printFailure(gone.error());
  std::printf("%llu keys are discarded; servers make new ones.\n",
              static_cast<unsigned long long>(*gone));
  return 0;
}

/// Runs the work on an up-to-date database, without the rest of the stack: that does not open when
/// a key is missing, which is when these commands are needed.
int onDatabase(CommandLine& line, const std::function<int(Stack&)>& work) {
  return line.withBareStack(
      [&](Stack& stack) {
        auto current = store::isUpToDate(stack.database(), stack.migrations());
        if (!current) return printFailure(current.error());
        if (!*current) {
          return printFailure(operatorError(ErrorKind::kConflict,
                                            "the schemas of the database are not there or not up "
                                            "to date: `vestibule migrate` or `vestibule serve` "
                                            "has to run first"));
        }
        return work(stack);
      },
      false);
}

}  // namespace

void addSecretCommands(Command root, CommandLine& line) {
  auto secrets = root.addGroup("secret", "The secrets that the database keeps, and their keys");
  const auto add = [&](const char* name, const char* help, std::function<int(Stack&)> work) {
    auto command = secrets.addSubcommand(name, help);
    line.on(command, [&line, work = std::move(work)] { return onDatabase(line, work); });
    return command;
  };
  line.on(secrets.addSubcommand("new-key", "Print a new key, a line for database.secret_key_file"),
          [] {
            std::printf("%s\n", SecretKeys::newKey().c_str());
            return 0;
          });
  add("status", "Count the secrets that are sealed, and that are not",
      [&line](Stack& stack) { return status(stack, line.json()); });
  add("seal", "Seal all secrets under the first key of the file", seal);
  add("unseal", "Store all secrets as they are, to do without keys", unseal);
  auto confirmed = std::make_shared<std::vector<std::string>>();
  add("discard-lost",
      "Delete keys of the servers and of events that no key opens any more, so that servers start "
      "and make new ones",
      [confirmed](Stack& stack) { return discardLost(stack, *confirmed); })
      .addOption("--confirm", *confirmed,
                 "The lost key, as the command names it without this option (repeatable)");
}

}  // namespace vestibule::app
