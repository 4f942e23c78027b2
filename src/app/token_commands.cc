#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "directory/tokens.h"

namespace vestibule::app {
namespace {

struct TokenArguments {
  std::string name;
  std::vector<std::string> scopes;
  std::vector<std::string> domains;
  std::string expires;
  std::optional<std::string> tolerances;
  std::optional<std::string> user;
  std::optional<std::string> identity_provider;
  std::optional<std::string> subject;
};

int create(Stack& stack, const TokenArguments& arguments, bool json) {
  directory::TokenRequest request;
  request.name = arguments.name;
  for (const auto& scope : arguments.scopes) request.scopes += scope + " ";
  if (!arguments.domains.empty()) request.domains = arguments.domains;
  request.tolerances = arguments.tolerances;
  request.user = arguments.user;
  request.identity_provider = arguments.identity_provider;
  request.subject = arguments.subject;
  if (!arguments.expires.empty()) {
    request.expires = parseTimestamp(arguments.expires);
    if (!request.expires) {
      return printFailure(Error{ErrorKind::kInvalidValue,
                                "--expires takes a date and time, as 2027-01-31T12:00:00Z",
                                {},
                                {},
                                {}});
    }
  }
  auto made = directory::createToken(stack.context(), request);
  if (!made) return printFailure(made.error());
  auto shown = directory::describeToken(made->row, *stack.context().catalog->current());
  shown.set("token", made->text);
  printValue(shown, json);
  if (!json) {
    static_cast<void>(std::fprintf(stderr, "The token is shown this once and stored nowhere.\n"));
  }
  return 0;
}

int list(Stack& stack, bool json) {
  std::vector<json::Object> rows;
  const auto catalog = stack.context().catalog->current();
  for (const auto& token : catalog->tokens()) {
    auto row = directory::describeToken(token, *catalog);
    if (!json && !token.domains) row.set("domains", "all");
    rows.push_back(std::move(row));
  }
  printTable(rows, {"name", "scopes", "domains", "user", "tolerances", "created", "expires"}, json);
  return 0;
}

int revoke(Stack& stack, const std::string& name) {
  auto revoked = directory::revokeToken(stack.context(), name);
  if (!revoked) return printFailure(revoked.error());
  std::printf("Token %s is revoked.\n", name.c_str());
  return 0;
}

}  // namespace

void addTokenCommands(CLI::App& root, CommandLine& line) {
  auto* token = root.add_subcommand("token", "API tokens");
  token->require_subcommand(1);
  auto arguments = std::make_shared<TokenArguments>();

  auto* create_command = token->add_subcommand("create", "Make a token and print it once");
  create_command->add_option("--name", arguments->name, "What it is for")->required();
  create_command
      ->add_option("--scope", arguments->scopes,
                   "scim:read, scim:write, with it scim:privileged, jit, admin, or with a user "
                   "me:read, me:write (repeatable)")
      ->required();
  create_command->add_option("--domain", arguments->domains,
                             "Bind it to this user store domain (repeatable; default: all)");
  create_command->add_option("--expires", arguments->expires, "RFC 3339 date and time");
  create_command->add_option("--tolerances", arguments->tolerances,
                             "What its SCIM requests may deviate in: strict, entra, okta or "
                             "default, with changes as in entra,-string_booleans (default: as the "
                             "domain or the server says)");
  auto* user = create_command->add_option("--user", arguments->user,
                                          "Bind it to the user with this id, who is then /Me");
  auto* provider = create_command->add_option(
      "--identity-provider", arguments->identity_provider,
      "Bind it to the user that this identity provider calls --subject, who is then /Me");
  auto* subject = create_command->add_option("--subject", arguments->subject,
                                             "What --identity-provider calls the user");
  provider->needs(subject)->excludes(user);
  subject->needs(provider);
  line.on(*create_command, [&line, arguments] {
    return line.withStack([&](Stack& stack) { return create(stack, *arguments, line.json()); });
  });

  auto* list_command = token->add_subcommand("list", "List tokens, without their secrets");
  line.on(*list_command, [&line] {
    return line.withStack([&](Stack& stack) { return list(stack, line.json()); });
  });

  auto* revoke_command = token->add_subcommand("revoke", "Make a token worthless");
  revoke_command->add_option("name", arguments->name, "Name of the token")->required();
  line.on(*revoke_command, [&line, arguments] {
    return line.withStack([&](Stack& stack) { return revoke(stack, arguments->name); });
  });
}

}  // namespace vestibule::app
