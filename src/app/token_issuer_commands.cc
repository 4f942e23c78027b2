#include "app/command_line.h"
#include "app/settings_commands.h"
#include "directory/token_issuers.h"

namespace vestibule::app {

void addTokenIssuerCommands(Command root, CommandLine& line) {
  auto issuers = root.addGroup("token-issuer", "Whose access tokens (JWTs) are accepted");
  const SettingsCommands settings(line, directory::kTokenIssuerSettings,
                                  {.columns = {"name", "enabled", "issuer", "modified"},
                                   .argument = "name",
                                   .argument_help = "Name of the token issuer",
                                   .kind = "Token issuer",
                                   .deleted = "is deleted; its tokens are worth nothing now."});
  settings.list(issuers.addSubcommand("list", "List token issuers"));
  settings.show(issuers.addSubcommand("show", "Print the settings of a token issuer"));
  settings.apply(
      issuers.addSubcommand("apply", "Create or replace a token issuer from a JSON or TOML file"));
  settings.remove(issuers.addSubcommand("remove", "Delete a token issuer"));
}

}  // namespace vestibule::app
