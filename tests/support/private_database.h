#pragma once
// A real MariaDB for tests: one a test process, started when first asked for, gone without a trace
// when the process ends.

#include <string>

#include "app/embedded_database.h"

namespace vestibule::test {

/// The private MariaDB of this test process; about 0.1 s at the first call, since its data folder
/// is copied from one that is made once a build folder. Commits are as durable as in production.
/// Throws std::runtime_error, which fails the test, when it cannot be started. Thread-safe. Tests
/// that share it must use schema prefixes of their own.
[[nodiscard]] app::EmbeddedDatabase& privateDatabase();

/// Its socket: log in as `root` without a password. That of VESTIBULE_TEST_DATABASE_URL where it is
/// set, which has to name one.
[[nodiscard]] const std::string& privateDatabaseSocket();

/// Its URL, as `database.url` and store::DatabaseOptions take it; VESTIBULE_TEST_DATABASE_URL,
/// where that is set, so that what asks for nothing else can be tried on another server.
[[nodiscard]] std::string privateDatabaseUrl();

/// VESTIBULE_TEST_DATABASE_URL; null where it is not set.
[[nodiscard]] const char* otherDatabaseUrl();

/// What tests give a database that they start themselves: small files, quick to make.
[[nodiscard]] app::DatabaseTuning quickTuning();

/// Makes `data_dir` hold a new, empty database, faster than a first start would. Where that is not
/// possible `data_dir` stays as it is, and the first start does it.
void prepareDataDir(const std::filesystem::path& data_dir);

}  // namespace vestibule::test
