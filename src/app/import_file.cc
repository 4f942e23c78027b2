#include "app/import_file.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "app/operator_error.h"
#include "app/part_file.h"
#include "app/progress_line.h"
#include "app/toml_document.h"
#include "base/crypto.h"
#include "directory/author.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/lines/column_mapping.h"
#include "store/import_store.h"

namespace vestibule::app {
namespace {

/// Lines of a batch of users, which is a transaction. In the fingerprint: whoever resumes has to
/// divide the file in the same way.
constexpr std::size_t kUsersPerBatch = 500;
constexpr std::uint64_t kReportsPerRead = 100;
constexpr std::string_view kStdin = "-";

class FileImport {
 public:
  FileImport(Stack& stack, const ImportOptions& options, bool silent, const std::atomic<bool>& stop)
      : context_(stack.context()),
        options_(options),
        silent_(silent),
        stop_(stop),
        principal_(directory::commandLinePrincipal()),
        hasher_(options.jobs, options.jobs) {
    // Hashing takes most of the time of lines with passwords: each connection's thread waits for a
    // hasher of its own.
    context_.password_hasher = &hasher_;
    outcome_.correlation_id = directory::commandLine().correlation_id;
  }

  Result<ImportOutcome> run() {
    const auto begun = std::chrono::steady_clock::now();
    auto view = makeView();
    if (!view) return propagate(view);
    if (auto writable = directory::requireWritable(*view->soleDomain()); !writable) {
      return propagate(writable);
    }
    if (options_.file == kStdin && options_.resource == ResourceKind::kGroup && writes()) {
      return operatorFailure(ErrorKind::kInvalidValue,
                             "groups are read twice, which standard input cannot be: give a file");
    }
    if (auto read = readMapping(); !read) return propagate(read);
    // Whatever is wrong with the file is found before the import is said to have begun.
    if (auto opened = openFile(); !opened) return propagate(opened);
    if (auto stored = openStored(view->soleDomain()->tables().number); !stored) {
      return propagate(stored);
    }
    const bool groups = options_.resource == ResourceKind::kGroup;
    auto ran = groups ? importGroups(*view) : importUsers();
    // What is known of rejected lines is told also of an import that stopped.
    auto reported = writeReport();
    if (!ran) return propagate(ran);
    if (!reported) return propagate(reported);
    if (outcome_.finished() && import_seq_) {
      auto forgotten = forget();
      if (!forgotten) return propagate(forgotten);
    }
    outcome_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return std::move(outcome_);
  }

 private:
  /// Each thread has its own.
  Result<directory::View> makeView() const {
    auto view =
        directory::View::ofDomain(context_.catalog->current(), principal_,
                                  "/domains/" + options_.domain + "/scim/v2", options_.domain);
    if (!view) return view;
    view->correlate(outcome_.correlation_id);
    view->chooseTolerances(context_.tolerances);
    return view;
  }

  Result<void> readMapping() {
    if (options_.mapping.empty()) return {};
    auto document = readDocument(options_.mapping);
    if (!document) return propagate(document);
    auto mapping = scim::MappingFile::read(*document);
    if (!mapping) return propagate(mapping);
    mapping_ = *std::move(mapping);
    mapping_text_ = json::write(*document);
    return {};
  }

  [[nodiscard]] bool writes() const { return options_.users.writes; }

  /// Finds or begins the import in the control schema.
  Result<void> openStored(DomainNumber domain) {
    if (options_.file == kStdin || !writes()) {
      if (!options_.resume) return {};
      return operatorFailure(ErrorKind::kInvalidValue,
                             "only an import of a file that stores something can be resumed");
    }
    auto digest = digestOfFile(options_.file);
    if (!digest) return propagate(digest);
    const auto& users = options_.users;
    const json::Array parts{"import 1",
                            std::int64_t{domain.value()},
                            static_cast<int>(options_.resource),
                            static_cast<int>(options_.format),
                            std::string(1, options_.separator),
                            mapping_text_,
                            static_cast<int>(users.mode),
                            static_cast<int>(users.match),
                            users.keep_ids,
                            users.password_hashes,
                            static_cast<int>(options_.groups.members_by),
                            std::uint64_t{kUsersPerBatch},
                            *digest};
    const std::string fingerprint = sha256(fingerprintText(parts));
    auto& database = *context_.database;
    auto found = database.read([&](store::Session& session) {
      return store::findImport(session, database.controlSchema(), fingerprint);
    });
    if (!found) return propagate(found);
    if (*found && options_.restart) {
      import_seq_ = *found;
      if (auto forgotten = forget(); !forgotten) return forgotten;
      found->reset();
    }
    if (*found && !options_.resume) {
      return operatorFailure(ErrorKind::kConflict,
                             "an import of this file with these options has begun and not "
                             "finished: --resume goes on, --restart begins anew");
    }
    if (!*found && options_.resume) {
      return operatorFailure(ErrorKind::kNotFound,
                             "there is nothing to resume: no import of this file with these "
                             "options has begun, or it has finished");
    }
    if (*found) {
      import_seq_ = *found;
      return {};
    }
    auto begun = database.write([&](store::Session& session) {
      return store::beginImport(session, database.controlSchema(), {fingerprint, domain, now()});
    });
    if (!begun) return propagate(begun);
    import_seq_ = *begun;
    return {};
  }

  /// The parts with their lengths, so that no two lists have one text. Not JSON: a digest is no
  /// text.
  static std::string fingerprintText(const json::Array& parts) {
    std::string text;
    for (const auto& part : parts) {
      const auto piece = part.isString() ? *part.string() : json::write(part);
      text += std::to_string(piece.size()) + ":" + piece;
    }
    return text;
  }

  Result<void> forget() {
    auto& database = *context_.database;
    return database.write([&](store::Session& session) {
      return store::forgetImport(session, database.controlSchema(), *import_seq_);
    });
  }

  /// Opens the file, and reads the header of CSV.
  Result<void> openFile() {
    auto source = LineSource::open(options_.file, options_.format, options_.separator);
    if (!source) return propagate(source);
    source_ = *std::move(source);
    if (options_.format != LineFormat::kCsv) return {};
    auto header = source_->next();
    if (!header) return propagate(header);
    if (!*header || (*header)->refused) {
      return operatorFailure(ErrorKind::kInvalidSyntax,
                             options_.file + ": there is no header row that can be read");
    }
    const auto& type =
        options_.resource == ResourceKind::kUser ? *context_.user_type : *context_.group_type;
    auto columns = scim::ColumnMapping::bind(*context_.registry, type, (*header)->fields, mapping_);
    if (!columns) return propagate(columns);
    columns_ = *std::move(columns);
    return {};
  }

  [[nodiscard]] Result<json::Value> decode(const scim::Record& record) const {
    if (record.refused) return tl::make_unexpected(*record.refused);
    if (columns_) return columns_->resourceOf(record);
    json::Limits limits;
    limits.elements = 2'000'000;  // of a group with its members in one line
    auto value = json::parse(record.fields.front(), limits);
    if (value && !value->isObject()) {
      return failure(ErrorKind::kInvalidSyntax, "the line is no JSON object");
    }
    return value;
  }

  directory::ImportPlan plan(std::size_t lines, std::uint8_t pass, ProgressLine& progress) {
    directory::ImportPlan plan;
    plan.read = [this, lines] { return source_->batch(lines); };
    plan.decode = [this](const scim::Record& record) { return decode(record); };
    plan.jobs = options_.jobs;
    plan.import_seq = import_seq_;
    plan.pass = pass;
    plan.stop = &stop_;
    plan.stored = [this, pass, &progress](const directory::ImportProgress& so_far,
                                          std::uint64_t batch, const std::string& report) {
      if (!import_seq_ && !report.empty()) reports_[{pass, batch}] = report;
      const auto count = so_far.counts.all();
      std::optional<double> share;
      if (const auto size = source_->size(); size && *size > 0) {
        share = static_cast<double>(source_->bytesRead()) / static_cast<double>(*size);
      }
      const auto rejected = so_far.counts.rejected;
      progress.show(share, count, count - so_far.earlier,
                    rejected == 0 ? std::string() : grouped(rejected) + " rejected");
    };
    return plan;
  }

  Result<void> importUsers() {
    ProgressLine progress("users", silent_);
    auto plan = this->plan(kUsersPerBatch, 1, progress);
    plan.taker = [this]() -> Result<directory::TakeLines> {
      auto view = makeView();
      if (!view) return propagate(view);
      auto of_thread = std::make_shared<directory::View>(*std::move(view));
      auto import = std::make_shared<directory::UserImport>(context_, *of_thread, options_.users);
      return directory::TakeLines([of_thread, import](std::vector<directory::ImportLine> lines,
                                                      store::ImportBatchMark* mark) {
        return import->run(std::move(lines), mark);
      });
    };
    auto ran = directory::runImport(context_, plan);
    if (!ran) return propagate(ran);
    outcome_.lines = *std::move(ran);
    return {};
  }

  /// Both passes, over one connection: a line may be about the group of another.
  Result<void> importGroups(const directory::View& view) {
    directory::GroupImport import(context_, view, options_.groups);
    const auto pass = [&](std::uint8_t number, auto take,
                          std::set<std::uint64_t> left_out) -> Result<directory::ImportProgress> {
      if (number > 1) {
        if (auto opened = openFile(); !opened) return propagate(opened);
      }
      ProgressLine progress(number == 1 ? "groups" : "lines of members", silent_);
      auto plan = this->plan(1, number, progress);
      plan.jobs = 1;
      plan.left_out = std::move(left_out);
      plan.on_passed_over = [&](const scim::Record& record, bool is_left_out) {
        if (number == 2) import.passOver(decode(record), is_left_out);
      };
      plan.taker = [take]() -> Result<directory::TakeLines> { return directory::TakeLines(take); };
      return directory::runImport(context_, plan);
    };
    auto made = pass(
        1, [&](auto lines, auto* mark) { return import.makeGroups(std::move(lines), mark); }, {});
    if (!made) return propagate(made);
    outcome_.lines = *std::move(made);
    if (!outcome_.lines.finished || !options_.groups.writes) return {};
    auto filled = pass(
        2, [&](auto lines, auto* mark) { return import.addMembers(std::move(lines), mark); },
        outcome_.lines.with_rejected);
    if (!filled) return propagate(filled);
    outcome_.members = *std::move(filled);
    return {};
  }

  /// Lines in the order of the file, the first pass before the second.
  Result<void> writeReport() {
    std::optional<PartFile> file;
    const auto append = [&](const std::string& text) -> Result<void> {
      if (text.empty()) return {};
      if (!file) {
        auto opened = PartFile::open(options_.report, PartFile::Existing::kReplaced);
        if (!opened) return propagate(opened);
        file.emplace(*std::move(opened));
      }
      return file->write(text);
    };
    for (const auto& [place, text] : reports_) {
      if (auto written = append(text); !written) return written;
    }
    for (const std::uint8_t pass : {std::uint8_t{1}, std::uint8_t{2}}) {
      if (!import_seq_) break;
      if (auto written = reportPass(pass, append); !written) return written;
    }
    if (!file) return {};
    return file->publish();
  }

  template <typename Append>
  Result<void> reportPass(std::uint8_t pass, Append append) {
    auto& database = *context_.database;
    for (std::uint64_t from = 0;;) {
      auto reports = database.read([&](store::Session& session) {
        return store::listImportReports(session, database.controlSchema(), *import_seq_, pass, from,
                                        kReportsPerRead);
      });
      if (!reports) return propagate(reports);
      for (const auto& report : *reports) {
        if (auto written = append(report.text); !written) return written;
      }
      if (reports->size() < kReportsPerRead) return {};
      from = reports->back().batch + 1;
    }
  }

  directory::Context context_;
  const ImportOptions& options_;
  bool silent_;
  const std::atomic<bool>& stop_;
  directory::Principal principal_;
  directory::PasswordHasher hasher_;
  scim::MappingFile mapping_;
  std::string mapping_text_;
  std::optional<scim::ColumnMapping> columns_;
  std::unique_ptr<LineSource> source_;
  std::optional<std::uint64_t> import_seq_;
  /// Of an import that is not stored.
  std::map<std::pair<std::uint8_t, std::uint64_t>, std::string> reports_;
  ImportOutcome outcome_;
};

}  // namespace

Result<ImportOutcome> importFile(Stack& stack, const ImportOptions& options, bool silent,
                                 const std::atomic<bool>& stop) {
  return FileImport(stack, options, silent, stop).run();
}

}  // namespace vestibule::app
