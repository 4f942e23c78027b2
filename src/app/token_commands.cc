#include <chrono>
#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "directory/tokens.h"

namespace vestibule::app {
namespace {

/// Expiry and rate; an empty text changes nothing, `never` and 0 take them away.
struct TermArguments {
  std::string expires;
  std::optional<std::uint32_t> requests_per_minute;
};

struct TokenArguments {
  std::string name;
  std::vector<std::string> scopes;
  std::vector<std::string> domains;
  TermArguments terms;
  std::uint32_t overlap = 0;
  std::optional<std::string> tolerances;
  std::optional<std::string> user;
  std::optional<std::string> identity_provider;
  std::optional<std::string> subject;
};

/// Reads what --expires and --requests-per-minute say. Error kInvalidValue.
Result<directory::TokenChange> changeOf(const TermArguments& arguments) {
  directory::TokenChange change;
  if (arguments.expires == "never") {
    change.expires.emplace();
  } else if (!arguments.expires.empty()) {
    change.expires.emplace(parseTimestamp(arguments.expires));
    if (!*change.expires) {
      return failure(ErrorKind::kInvalidValue,
                     "--expires takes a date and time, as 2027-01-31T12:00:00Z, or never");
    }
  }
  if (const auto rate = arguments.requests_per_minute) {
    change.requests_per_minute = *rate == 0 ? std::optional<std::uint32_t>() : *rate;
  }
  return change;
}

/// Prints a token whose text is known this once.
void printOnce(Stack& stack, const directory::NewToken& made, bool json) {
  auto shown = directory::describeToken(made.row, *stack.context().catalog->current());
  shown.set("token", made.text);
  printValue(shown, json);
  if (json) return;
  static_cast<void>(std::fprintf(stderr, "The token is shown this once and stored nowhere.\n"));
}

int create(Stack& stack, const TokenArguments& arguments, bool json) {
  directory::TokenRequest request;
  request.name = arguments.name;
  for (const auto& scope : arguments.scopes) request.scopes += scope + " ";
  if (!arguments.domains.empty()) request.domains = arguments.domains;
  request.tolerances = arguments.tolerances;
  request.user = arguments.user;
  request.identity_provider = arguments.identity_provider;
  request.subject = arguments.subject;
  auto terms = changeOf(arguments.terms);
  if (!terms) return printFailure(terms.error());
  request.expires = terms->expires.value_or(std::nullopt);
  request.requests_per_minute = terms->requests_per_minute.value_or(std::nullopt);
  auto made = directory::createToken(stack.context(), request);
  if (!made) return printFailure(made.error());
  printOnce(stack, *made, json);
  return 0;
}

int rotate(Stack& stack, const TokenArguments& arguments, bool json) {
  auto terms = changeOf(arguments.terms);
  if (!terms) return printFailure(terms.error());
  auto made = directory::rotateToken(stack.context(), arguments.name,
                                     std::chrono::seconds(arguments.overlap), *terms);
  if (!made) return printFailure(made.error());
  printOnce(stack, *made, json);
  return 0;
}

int change(Stack& stack, const TokenArguments& arguments, bool json) {
  auto terms = changeOf(arguments.terms);
  if (!terms) return printFailure(terms.error());
  auto row = directory::changeToken(stack.context(), arguments.name, *terms);
  if (!row) return printFailure(row.error());
  printValue(directory::describeToken(*row, *stack.context().catalog->current()), json);
  return 0;
}

int list(Stack& stack, bool json) {
  std::vector<json::Object> rows;
  const auto catalog = stack.context().catalog->current();
  const auto tokens = directory::listTokens(stack.context());
  if (!tokens) return printFailure(tokens.error());
  for (const auto& token : *tokens) {
    auto row = directory::describeToken(token, *catalog);
    if (!json && !token.domains) row.set("domains", "all");
    rows.push_back(std::move(row));
  }
  printTable(rows,
             {"name", "scopes", "domains", "user", "tolerances", "created", "expires", "lastUsed"},
             json);
  return 0;
}

int revoke(Stack& stack, const std::string& name) {
  auto revoked = directory::revokeToken(stack.context(), name);
  if (!revoked) return printFailure(revoked.error());
  std::printf("Token %s is revoked.\n", name.c_str());
  return 0;
}

void addTermOptions(Command command, TermArguments& terms) {
  command.addOption("--expires", terms.expires,
                    "RFC 3339 date and time, as 2027-01-31T12:00:00Z, or never");
  command.addOption("--requests-per-minute", terms.requests_per_minute,
                    "How many requests a server takes from it in a minute; 0: any number");
}

}  // namespace

void addTokenCommands(Command root, CommandLine& line) {
  auto token = root.addGroup("token", "API tokens");
  auto arguments = std::make_shared<TokenArguments>();

  auto create_command = token.addSubcommand("create", "Make a token and print it once");
  create_command.addOption("--name", arguments->name, "What it is for").required();
  create_command
      .addOption("--scope", arguments->scopes,
                 "scim:read, scim:write, with it scim:privileged, jit, admin, or with a user "
                 "me:read, me:write, events:read (repeatable)")
      .required();
  create_command.addOption("--domain", arguments->domains,
                           "Bind it to this user store domain (repeatable; default: all)");
  addTermOptions(create_command, arguments->terms);
  create_command.addOption("--tolerances", arguments->tolerances,
                           "What its SCIM requests may deviate in: strict, entra, okta or "
                           "default, with changes as in entra,-string_booleans (default: as the "
                           "domain or the server says)");
  auto user = create_command.addOption("--user", arguments->user,
                                       "Bind it to the user with this id, who is then /Me");
  auto provider = create_command.addOption(
      "--identity-provider", arguments->identity_provider,
      "Bind it to the user that this identity provider calls --subject, who is then /Me");
  auto subject = create_command.addOption("--subject", arguments->subject,
                                          "What --identity-provider calls the user");
  provider.needs(subject).excludes(user);
  subject.needs(provider);
  line.on(create_command,
          [&line, arguments](Stack& stack) { return create(stack, *arguments, line.json()); });

  auto list_command = token.addSubcommand("list", "List tokens, without their secrets");
  line.on(list_command, [&line](Stack& stack) { return list(stack, line.json()); });

  auto rotate_command = token.addSubcommand(
      "rotate", "Give a token a new text and print it once; the old one may serve a while longer");
  rotate_command.addOption("name", arguments->name, "Name of the token").required();
  rotate_command
      .addOption("--overlap", arguments->overlap,
                 "For how many seconds the old text still serves, or as 90m, 24h, 7d "
                 "(default: not at all)")
      .units({{"s", 1}, {"m", 60}, {"h", 3'600}, {"d", 86'400}});
  addTermOptions(rotate_command, arguments->terms);
  line.on(rotate_command,
          [&line, arguments](Stack& stack) { return rotate(stack, *arguments, line.json()); });

  auto set_command = token.addSubcommand("set", "Change expiry and rate of a token");
  set_command.addOption("name", arguments->name, "Name of the token").required();
  addTermOptions(set_command, arguments->terms);
  line.on(set_command,
          [&line, arguments](Stack& stack) { return change(stack, *arguments, line.json()); });

  auto revoke_command = token.addSubcommand("revoke", "Make a token worthless");
  revoke_command.addOption("name", arguments->name, "Name of the token").required();
  line.on(revoke_command, [arguments](Stack& stack) { return revoke(stack, arguments->name); });
}

}  // namespace vestibule::app
