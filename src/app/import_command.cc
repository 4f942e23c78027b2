#include <cstdio>
#include <map>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/csv_separator.h"
#include "app/import_file.h"
#include "app/interrupt.h"
#include "app/operator_error.h"
#include "app/progress_line.h"

namespace vestibule::app {
namespace {

struct ImportArguments {
  ImportOptions options;
  std::string format;
  std::string resource = "users";
  std::string mode = "create";
  std::string match = "userName";
  std::string members_by = "value";
  std::string separator = ",";
  bool dry_run = false;
  bool keep_ids = false;
  bool password_hashes = false;
};

/// The words of the options, which the command line has checked, as what they mean.
ImportOptions optionsOf(const ImportArguments& given) {
  using directory::ImportMode;
  ImportOptions options = given.options;
  options.resource = given.resource == "groups" ? ResourceKind::kGroup : ResourceKind::kUser;
  const bool csv = given.format.empty() ? options.file.ends_with(".csv") : given.format == "csv";
  options.format = csv ? LineFormat::kCsv : LineFormat::kJsonLines;
  options.separator = separatorOf(given.separator);
  const std::map<std::string, ImportMode> modes{{"create", ImportMode::kCreate},
                                                {"upsert", ImportMode::kUpsert},
                                                {"replace", ImportMode::kReplace}};
  const std::map<std::string, store::UserMatch> matches{
      {"userName", store::UserMatch::kUserName},
      {"externalId", store::UserMatch::kExternalId},
      {"id", store::UserMatch::kId}};
  options.users = {modes.at(given.mode), matches.at(given.match), given.keep_ids,
                   given.password_hashes, !given.dry_run};
  options.groups = {
      modes.at(given.mode),
      given.members_by == "value" ? directory::MembersBy::kId : directory::MembersBy::kName,
      !given.dry_run};
  if (options.report.empty()) {
    options.report = options.file == "-" ? "-" : options.file + ".rejected.jsonl";
  }
  return options;
}

/// What of the given options has no meaning beside the others; empty: nothing.
std::string misplaced(const Command& command, const ImportOptions& options, bool json) {
  const auto given = [&](const char* option) { return command.given(option); };
  const bool csv = options.format == LineFormat::kCsv;
  const bool groups = options.resource == ResourceKind::kGroup;
  for (const char* option : {"--mapping", "--separator"}) {
    if (given(option) && !csv) return std::string(option) + " is for CSV";
  }
  for (const char* option : {"--match", "--keep-ids", "--password-hashes", "--jobs"}) {
    if (given(option) && groups) return std::string(option) + " is for users";
  }
  if (given("--members-by") && !groups) return "--members-by is for groups";
  if (given("--match") && options.users.mode == directory::ImportMode::kCreate) {
    return "--match is for --mode upsert and replace";
  }
  if (json && options.report == "-") {
    return "with --json, rejected lines need a file: --report says which";
  }
  return {};
}

json::Object describe(const ImportOptions& options, const ImportOutcome& outcome) {
  const auto& counts = outcome.lines.counts;
  json::Object shown{{"domain", options.domain},
                     {"file", options.file},
                     {"finished", outcome.finished()},
                     {"stored", options.users.writes},
                     {"created", counts.created},
                     {"replaced", counts.replaced},
                     {"unchanged", counts.unchanged},
                     {"rejected", outcome.rejected()},
                     {"resumedBehind", outcome.lines.earlier},
                     {"seconds", outcome.seconds},
                     {"correlationId", outcome.correlation_id}};
  if (outcome.members) shown.set("membersAdded", outcome.members->counts.replaced);
  json::Array ignored;
  for (const auto& name : outcome.lines.ignored) ignored.emplace_back(name);
  if (!ignored.empty()) shown.set("ignoredAttributes", std::move(ignored));
  if (outcome.rejected() > 0) shown.set("report", options.report);
  return shown;
}

void printSummary(const ImportOptions& options, const ImportOutcome& outcome) {
  const auto& counts = outcome.lines.counts;
  // Beside a report on standard output the counts would be one of its lines.
  std::FILE* out = options.report == "-" && outcome.rejected() > 0 ? stderr : stdout;
  const auto say = [&](const std::string& text) {
    static_cast<void>(std::fprintf(out, "%s\n", text.c_str()));
  };
  say(grouped(counts.created) + " created, " + grouped(counts.replaced) + " replaced, " +
      grouped(counts.unchanged) + " unchanged, " + grouped(outcome.rejected()) + " rejected" +
      (options.users.writes ? "" : " (nothing was stored)"));
  if (outcome.members) {
    say(grouped(outcome.members->counts.replaced) + " lines of members were added");
  }
  if (!outcome.lines.ignored.empty()) {
    std::string names;
    for (const auto& name : outcome.lines.ignored) names += (names.empty() ? "" : ", ") + name;
    say("No schema knows, and so nothing was stored of: " + names);
  }
  if (outcome.rejected() > 0 && options.report != "-") {
    say("The rejected lines are in " + options.report);
  }
}

int import(Stack& stack, const Command& command, const ImportArguments& arguments, bool json) {
  const auto options = optionsOf(arguments);
  if (const auto problem = misplaced(command, options, json); !problem.empty()) {
    return printFailure(operatorError(ErrorKind::kInvalidValue, problem));
  }
  const Interrupt interrupt;
  auto outcome = importFile(stack, options, json, interrupt.flag());
  if (!outcome) return printFailure(outcome.error());
  if (json) {
    printValue(describe(options, *outcome), true);
  } else {
    printSummary(options, *outcome);
  }
  if (!outcome->finished()) {
    static_cast<void>(std::fprintf(
        stderr, "vestibule: stopped; the same command with --resume goes on%s\n",
        options.file == "-" || arguments.dry_run ? " only where a file is stored" : ""));
    return 1;
  }
  return outcome->rejected() == 0 ? 0 : 1;
}

}  // namespace

void addImportCommand(Command root, CommandLine& line) {
  auto command = root.addSubcommand(
      "import", "Create or replace users or groups from a file of JSON lines or CSV");
  auto arguments = std::make_shared<ImportArguments>();
  auto& options = arguments->options;
  command.addOption("file", options.file, "The file; - is standard input").required();
  command.addOption("--domain", options.domain, "Name of the domain").required();
  command.addOption("--format", arguments->format, "jsonl or csv (default: by the file's name)")
      .oneOf({"jsonl", "csv"});
  command.addOption("--resource", arguments->resource, "users or groups (default: users)")
      .oneOf({"users", "groups"});
  command.addOption("--mapping", options.mapping,
                    "JSON or TOML file: which column of CSV goes where");
  addSeparatorOption(command, arguments->separator);
  command
      .addOption("--mode", arguments->mode,
                 "create, upsert (what exists is replaced) or replace (default: create)")
      .oneOf({"create", "upsert", "replace"});
  command
      .addOption("--match", arguments->match,
                 "By what users to be replaced are found: userName, externalId or id "
                 "(default: userName)")
      .oneOf({"userName", "externalId", "id"});
  command
      .addOption("--members-by", arguments->members_by,
                 "By what members of groups are found: value (their id) or userName "
                 "(their display) (default: value)")
      .oneOf({"value", "userName"});
  command.addFlag("--keep-ids", arguments->keep_ids,
                  "New users get the id of their line, which must be one of this domain");
  command.addFlag("--password-hashes", arguments->password_hashes,
                  "Passwords that are Argon2id hashes are stored as they are");
  command.addOption("--report", options.report,
                    "File for the rejected lines (default: FILE.rejected.jsonl)");
  command.addOption("--jobs", options.jobs, "Connections to store over (default: 4)").range(1, 16);
  auto dry_run =
      command.addFlag("--dry-run", arguments->dry_run, "Check every line and store nothing");
  auto resume = command.addFlag("--resume", options.resume,
                                "Go on with the import of this file that was interrupted");
  auto restart =
      command.addFlag("--restart", options.restart, "Forget such an import and begin anew");
  resume.excludes(dry_run);
  restart.excludes(resume);
  restart.excludes(dry_run);
  line.on(command, [&line, command, arguments](Stack& stack) {
    return import(stack, command, *arguments, line.json());
  });
}

}  // namespace vestibule::app
