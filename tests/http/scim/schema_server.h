#pragma once
// A server whose schema files are those that ship and what an operator put beside them.

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/scim_schemas.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {

/// It keeps its data over restarts.
class SchemaServer {
 public:
  /// Starts with these files beside, or in place of, the shipped ones, and further variables.
  explicit SchemaServer(const std::vector<scim::SchemaFile>& files,
                        std::map<std::string, std::string> environment = {})
      : environment_(std::move(environment)) {
    const auto schemas = folder_.path() / "schemas";
    environment_["VESTIBULE_SCIM_SCHEMA_DIR"] = schemas.string();
    std::filesystem::create_directories(schemas);
    for (const auto& file : scim::test::shippedSchemas()) write(file);
    for (const auto& file : files) write(file);
    start();
    scim_ = process_->token("scim", "scim:read scim:write");
    admin_ = process_->token("admin", "admin");
  }

  void write(const scim::SchemaFile& file) const {
    std::ofstream(folder_.path() / "schemas" / file.name) << file.content;
  }
  /// Stops and starts again: with the schema files of now.
  void restart() {
    process_.reset();
    start();
  }

  /// Makes a domain without resources, with no rule for role names, and returns its name.
  std::string emptyDomain() {
    const std::string name = "T" + std::to_string(++domains_made_);
    const Answer made = process_->internal("POST", "/admin/v1/domains", admin_,
                                           R"({"name": ")" + name + R"(", "settings":
        {"RolenameJavaRegEx": "^.+$", "RolenameJavaScriptRegEx": "^.+$"}})");
    if (made.status != 201) throw std::runtime_error("no domain: " + made.body);
    return name;
  }
  static std::string baseOf(const std::string& domain) { return "/domains/" + domain + "/scim/v2"; }

  [[nodiscard]] Answer send(std::string_view method, const std::string& target,
                            std::string_view body = {},
                            const std::vector<std::string>& headers = {}) const {
    return process_->scim(method, target, scim_, body, headers);
  }
  [[nodiscard]] const ServerProcess& process() const { return *process_; }
  [[nodiscard]] const std::string& adminToken() const { return admin_; }

 private:
  void start() {
    process_ =
        std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder_.path() / "data", environment_);
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
  std::unique_ptr<ServerProcess> process_;
  std::string scim_;
  std::string admin_;
  int domains_made_ = 0;
};

}  // namespace vestibule::test
