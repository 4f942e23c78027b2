#include "store/database_metrics.h"

namespace vestibule::store {

DatabaseMetrics::DatabaseMetrics(Metrics& metrics)
    : session_wait_(metrics.addHistogram("vestibule_database_session_wait_seconds",
                                         "How long callers waited for a database session.")),
      connects_(metrics.addCounter("vestibule_database_connects_total",
                                   "Connections to the database, opened or tried.",
                                   {{"result", {"done", "failed"}}})),
      reruns_(metrics.addCounter("vestibule_database_reruns_total",
                                 "Units of work that were run again, by the cause.",
                                 {{"cause", {"deadlock", "session_lost"}}})) {}

void addSessionReadings(Metrics& metrics, const Database& database) {
  using Type = Reading::Type;
  metrics.addReading({"vestibule_database_sessions", Type::kGauge, "Open database sessions.", [&] {
                        const auto [in_use, open] = database.sessionCounts();
                        return std::vector<Sample>{
                            {{{"state", "in_use"}}, static_cast<double>(in_use)},
                            {{{"state", "idle"}}, static_cast<double>(open - in_use)}};
                      }});
  metrics.addReading(
      {"vestibule_database_sessions_limit", Type::kGauge, "Database sessions that may be open.",
       [&] {
         return std::vector<Sample>{{{}, static_cast<double>(database.options().sessions)}};
       }});
  metrics.addReading({"vestibule_database_sessions_awaited", Type::kGauge,
                      "Callers that wait for a session.", [&] {
                        return std::vector<Sample>{{{}, static_cast<double>(database.waiting())}};
                      }});
}

}  // namespace vestibule::store
