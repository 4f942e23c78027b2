#include <chrono>
#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/csv_separator.h"
#include "app/interrupt.h"
#include "app/operator_error.h"
#include "app/part_file.h"
#include "app/progress_line.h"
#include "directory/author.h"
#include "directory/resource_export.h"
#include "json/write.h"

namespace vestibule::app {
namespace {

struct ExportArguments {
  std::string domain;
  std::string output = "-";
  std::string format;
  std::string resource = "users";
  std::string separator = ",";
  directory::ExportRequest request;
};

directory::ExportRequest requestOf(const ExportArguments& given) {
  directory::ExportRequest request = given.request;
  request.kind = given.resource == "groups" ? ResourceKind::kGroup : ResourceKind::kUser;
  request.csv = given.format.empty() ? given.output.ends_with(".csv") : given.format == "csv";
  request.separator = separatorOf(given.separator);
  return request;
}

Result<directory::ExportProgress> write(Stack& stack, const ExportArguments& arguments,
                                        const directory::ExportRequest& request, bool silent) {
  const auto principal = directory::commandLinePrincipal();
  auto view =
      directory::View::ofDomain(stack.context().catalog->current(), principal,
                                "/domains/" + arguments.domain + "/scim/v2", arguments.domain);
  if (!view) return propagate(view);
  auto file = PartFile::open(arguments.output, PartFile::Existing::kReplaced);
  if (!file) return propagate(file);
  const Interrupt interrupt;
  ProgressLine progress(arguments.resource, silent);
  directory::ExportSink sink;
  sink.write = [&](std::string_view text) { return file->write(text); };
  sink.progress = [&](const directory::ExportProgress& so_far) {
    std::optional<double> share;
    if (so_far.total && *so_far.total > 0) {
      share = static_cast<double>(so_far.resources) / static_cast<double>(*so_far.total);
    }
    progress.show(share, so_far.resources, so_far.resources);
  };
  sink.stop = &interrupt.flag();
  auto exported = directory::exportResources(stack.context(), *view, request, sink);
  if (!exported || !exported->finished) return exported;
  if (auto published = file->publish(); !published) return propagate(published);
  return exported;
}

/// What of the given options has no meaning beside the others; empty: nothing.
std::string misplaced(const Command& command, const directory::ExportRequest& request) {
  const auto given = [&](const char* option) { return command.given(option); };
  for (const char* option : {"--columns", "--separator"}) {
    if (given(option) && !request.csv) return std::string(option) + " is for CSV";
  }
  if (given("--attributes") && request.csv) return "--attributes is for JSON lines";
  if (given("--password-hashes") && request.kind == ResourceKind::kGroup) {
    return "--password-hashes is for users";
  }
  return {};
}

int exportTo(Stack& stack, const Command& command, const ExportArguments& arguments, bool json) {
  const auto request = requestOf(arguments);
  if (const auto problem = misplaced(command, request); !problem.empty()) {
    return printFailure(operatorError(ErrorKind::kInvalidValue, problem));
  }
  if (request.password_hashes) {
    static_cast<void>(std::fprintf(
        stderr, "vestibule: the export holds password hashes: keep it as you keep passwords\n"));
  }
  const auto begun = std::chrono::steady_clock::now();
  auto exported = write(stack, arguments, request, json);
  if (!exported) return printFailure(exported.error());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begun;
  if (!exported->finished) {
    static_cast<void>(std::fprintf(stderr, "vestibule: stopped; nothing was written\n"));
    return 1;
  }
  // Standard output may be the file itself.
  std::FILE* out = arguments.output == "-" ? stderr : stdout;
  if (json) {
    const json::Object summary{{"domain", arguments.domain},
                               {"output", arguments.output},
                               {"resources", exported->resources},
                               {"lines", exported->lines},
                               {"seconds", seconds.count()}};
    static_cast<void>(std::fprintf(out, "%s\n", json::writePretty(summary).c_str()));
  } else if (arguments.output != "-") {
    static_cast<void>(std::fprintf(out, "%s %s in %s lines are in %s\n",
                                   grouped(exported->resources).c_str(), arguments.resource.c_str(),
                                   grouped(exported->lines).c_str(), arguments.output.c_str()));
  }
  return 0;
}

}  // namespace

void addExportCommand(Command root, CommandLine& line) {
  auto command =
      root.addSubcommand("export", "Write users or groups to a file of JSON lines or CSV");
  auto arguments = std::make_shared<ExportArguments>();
  auto& request = arguments->request;
  command.addOption("--domain", arguments->domain, "Name of the domain").required();
  command.addOption("--output", arguments->output,
                    "The file, which is there when it is complete; - is standard output "
                    "(default: -)");
  command.addOption("--format", arguments->format, "jsonl or csv (default: by the file's name)")
      .oneOf({"jsonl", "csv"});
  command.addOption("--resource", arguments->resource, "users or groups (default: users)")
      .oneOf({"users", "groups"});
  command.addOption("--filter", request.filter, "Only those that this SCIM filter finds");
  auto attributes = command.addOption("--attributes", request.attributes,
                                      "JSON lines: only these attributes, comma-separated");
  attributes.delimiter(',');
  command
      .addOption("--columns", request.columns,
                 "CSV: these columns, comma-separated paths (default: the common ones)")
      .delimiter(',')
      .excludes(attributes);
  addSeparatorOption(command, arguments->separator);
  command.addFlag("--password-hashes", request.password_hashes,
                  "Write the hashes of passwords too, for another Vestibule");
  line.on(command, [&line, command, arguments](Stack& stack) {
    return exportTo(stack, command, *arguments, line.json());
  });
}

}  // namespace vestibule::app
