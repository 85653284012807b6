//! Blows that hit nobody in particular: the server ends connections, the pooler and the server crash.

use std::sync::Arc;
use std::time::Duration;

use super::world::World;

/// What may still be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disaster {
    Termination,
    PoolerCrash,
    ServerCrash,
}

/// Spreads the plan's disasters over the run.
pub async fn rage(world: Arc<World>) {
    let plan = world.plan().clone();
    let counts = [
        (Disaster::Termination, plan.terminations),
        (Disaster::PoolerCrash, plan.pooler_crashes),
        (Disaster::ServerCrash, plan.server_crashes),
    ];
    let mut due: Vec<(f64, Disaster)> = counts
        .into_iter()
        .flat_map(|(disaster, count)| {
            (0..count).map(move |number| ((number as f64 + 0.5) / (count as f64 + 1.0), disaster))
        })
        .collect();
    due.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (progress, disaster) in due {
        while world.progress() < progress && !world.is_over() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        match disaster {
            Disaster::Termination => terminate(&world).await,
            Disaster::PoolerCrash => {
                let crashed = world.clone();
                tokio::task::spawn_blocking(move || crashed.product().crash_pooler()).await.expect("the pooler");
                world.count(|report| report.pooler_crashes += 1);
            }
            Disaster::ServerCrash => {
                let crashed = world.clone();
                tokio::task::spawn_blocking(move || crashed.product().crash_server()).await.expect("the server");
                world.count(|report| report.server_crashes += 1);
            }
        }
    }
}

/// Ends a connection of the functions' role, one in the middle of a statement if there is one.
async fn terminate(world: &World) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
               WHERE datname = current_database() AND usename = 'navigator_api' \
               ORDER BY state = 'active' DESC, random() LIMIT 1) AS victim";
    for _ in 0..50 {
        if let Ok(client) = world.product().try_superuser().await
            && let Ok(row) = client.query_one(sql, &[]).await
            && row.get::<_, i64>(0) > 0
        {
            world.count(|report| report.terminations += 1);
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
