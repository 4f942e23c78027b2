#include <cstdio>
#include <utility>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/operator_error.h"
#include "directory/author.h"
#include "directory/domains.h"
#include "store/domain_transfer.h"
#include "store/migrations.h"
#include "store/server_check.h"

namespace vestibule::app {
namespace {

struct MoveArguments {
  std::string name;
  std::string to;  ///< may hold a password: never to be printed
  std::string prefix = "vestibule";
  bool abort = false;
  bool force = false;
};

/// The other installation's database, which this version serves.
Result<std::unique_ptr<store::Database>> openTarget(Stack& stack, const MoveArguments& arguments) {
  auto options = stack.database().options();
  options.url = arguments.to;
  options.schema_prefix = arguments.prefix;
  options.metrics = nullptr;
  options.sessions = 2;
  auto target = store::Database::create(std::move(options));
  if (!target) return propagate(target);
  auto report = store::checkServer(**target);
  if (!report) return propagate(report);
  for (const auto& finding : report->findings) {
    if (finding.fatal) {
      return operatorFailure(ErrorKind::kConflict, "the target cannot be used: " + finding.text);
    }
  }
  auto current = store::isUpToDate(**target, stack.migrations());
  if (!current) return propagate(current);
  if (!*current) {
    return operatorFailure(ErrorKind::kConflict,
                           "the schemas of the target are not there or not up to date: this "
                           "version of Vestibule has to migrate it first");
  }
  return target;
}

store::AuditEvent eventOf(std::string_view action, const DomainName& name) {
  return directory::eventOf(directory::commandLine(), action, name.value(), now());
}

int abortMove(Stack& stack, const MoveArguments& arguments, const DomainName& name) {
  std::unique_ptr<store::Database> target;
  if (!arguments.to.empty()) {
    auto opened = openTarget(stack, arguments);
    if (!opened) return printFailure(opened.error());
    target = *std::move(opened);
  } else if (!arguments.force) {
    return printFailure(
        operatorError(ErrorKind::kInvalidValue,
                      "--to is needed to see whether the target serves the domain already; "
                      "--force goes without: then make sure that it does not"));
  }
  auto aborted = store::abortTransfer(stack.database(), target.get(), name,
                                      eventOf("domain.move-aborted", name));
  if (!aborted) return printFailure(aborted.error());
  std::printf("The move of domain %s is aborted: it is served here.\n", name.value().c_str());
  return 0;
}

int move(Stack& stack, const MoveArguments& arguments, bool json) {
  auto name = directory::parseDomainName(arguments.name);
  if (!name) return printFailure(name.error());
  if (arguments.abort) return abortMove(stack, arguments, *name);
  if (arguments.to.empty()) {
    return printFailure(operatorError(ErrorKind::kInvalidValue,
                                      "--to or VESTIBULE_MOVE_TO says where to: mysql://…"));
  }
  auto target = openTarget(stack, arguments);
  if (!target) return printFailure(target.error());
  store::TransferOptions options;
  options.program = VESTIBULE_VERSION;
  options.progress = [](const std::string& line) {
    static_cast<void>(std::fprintf(stderr, "%s\n", line.c_str()));
  };
  auto report =
      store::transferDomain(stack.database(), **target, stack.migrations(), *name,
                            {eventOf("domain.moving", *name), eventOf("domain.received", *name),
                             eventOf("domain.moved", *name)},
                            options);
  if (!report) return printFailure(report.error());
  const auto rows = store::rowsOf(report->tables);
  if (json) {
    printValue(json::Object{{"domain", name->value()},
                            {"resumed", report->resumed},
                            {"rows", rows},
                            {"operationsAtSource", report->operations}},
               true);
    return 0;
  }
  std::printf(
      "Domain %s is moved: %llu rows. What is left here goes with `vestibule domain delete "
      "%s --confirm %s`.\n",
      name->value().c_str(), static_cast<unsigned long long>(rows), name->value().c_str(),
      name->value().c_str());
  if (report->operations > 0) {
    std::printf("%llu queued operations stay here: those about the domain will be refused.\n",
                static_cast<unsigned long long>(report->operations));
  }
  return 0;
}

}  // namespace

void addMoveCommand(Command domain, CommandLine& line) {
  auto arguments = std::make_shared<MoveArguments>();
  auto command = domain.addSubcommand(
      "move", "Move a domain to the database of another installation while servers go on");
  command.addOption("name", arguments->name, "Name of the domain").required();
  command
      .addOption("--to", arguments->to,
                 "The other database, as database.url has it; VESTIBULE_MOVE_TO keeps a "
                 "password out of the list of processes")
      .environment("VESTIBULE_MOVE_TO");
  command.addOption("--to-prefix", arguments->prefix,
                    "database.schema_prefix there (default: vestibule)");
  auto abort = command.addFlag("--abort", arguments->abort,
                               "Undo a move that was not ended: the domain is served here again");
  command
      .addFlag("--force", arguments->force,
               "Abort without a look at a target that is lost for good")
      .needs(abort);
  line.on(command,
          [&line, arguments](Stack& stack) { return move(stack, *arguments, line.json()); });
}

}  // namespace vestibule::app
