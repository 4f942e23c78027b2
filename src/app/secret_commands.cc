#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
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
int store(Stack& stack, const SecretKeys& keys, const char* action, const char* done) {
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
    return printFailure({ErrorKind::kConflict,
                         "there is no key to seal with: set database.secret_key_file",
                         {},
                         {},
                         {}});
  }
  return store(stack, *keys, "secrets.sealed", "sealed under the first key");
}

int unseal(Stack& stack) {
  return store(stack, SecretKeys(), "secrets.unsealed", "stored as they are");
}

int discardLost(Stack& stack) {
  auto& database = stack.database();
  auto current = store::isUpToDate(database, stack.migrations());
  if (!current) return printFailure(current.error());
  if (!*current) {
    return printFailure(
        {ErrorKind::kConflict, "the schemas of the database are not up to date", {}, {}, {}});
  }
  const auto event = directory::eventOf(directory::commandLine(), "secrets.discarded", "", now());
  auto gone = database.write([&](store::Session& session) {
    return store::discardLostKeys(session, database.controlSchema(), event);
  });
  if (!gone) return printFailure(gone.error());
  std::printf("%llu keys are discarded; servers make new ones.\n",
              static_cast<unsigned long long>(*gone));
  return 0;
}

}  // namespace

void addSecretCommands(Command root, CommandLine& line) {
  auto secrets = root.addGroup("secret", "The secrets that the database keeps, and their keys");
  line.on(secrets.addSubcommand("new-key", "Print a new key, a line for database.secret_key_file"),
          [] {
            std::printf("%s\n", SecretKeys::newKey().c_str());
            return 0;
          });
  line.on(secrets.addSubcommand("status", "Count the secrets that are sealed, and that are not"),
          [&line](Stack& stack) { return status(stack, line.json()); });
  line.on(secrets.addSubcommand("seal", "Seal all secrets under the first key of the file"), seal);
  line.on(secrets.addSubcommand("unseal", "Store all secrets as they are, to do without keys"),
          unseal);
  line.on(secrets.addSubcommand("discard-lost",
                                "Delete keys of the servers and of events that no key opens any "
                                "more, so that servers start and make new ones"),
          [&line] { return line.withBareStack(discardLost, false); });
}

}  // namespace vestibule::app
