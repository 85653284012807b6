//! Blows that hit nobody in particular: the server ends connections, takes no step for a while, the pooler and the server crash;
//! and somebody with the functions' login asks for everything to be forgotten.

use std::sync::Arc;
use std::time::Duration;

use super::world::World;

/// How long the database takes no step: so long that a run is begun more often than it may be lost.
const STORM: Duration = Duration::from_secs(12);
/// The journal takes no row. The full disk is one that a repeat may mend.
const REFUSE: &str = "CREATE OR REPLACE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
    RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$; \
    CREATE TRIGGER refuse BEFORE INSERT ON navigator.workflow_steps FOR EACH ROW EXECUTE FUNCTION public.refuse()";
const TAKE: &str = "DROP TRIGGER refuse ON navigator.workflow_steps";

/// What may still be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disaster {
    Termination,
    PoolerCrash,
    ServerCrash,
    Refusal,
}

/// Spreads the plan's disasters over the run.
pub async fn rage(world: Arc<World>) {
    let plan = world.plan().clone();
    let counts = [
        (Disaster::Termination, plan.terminations),
        (Disaster::PoolerCrash, plan.pooler_crashes),
        (Disaster::ServerCrash, plan.server_crashes),
        (Disaster::Refusal, plan.refusals),
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
            Disaster::Refusal => refuse(&world).await,
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

/// For a while no step can be stored.
async fn refuse(world: &World) {
    world.does(REFUSE).await;
    tokio::time::sleep(STORM).await;
    world.does(TAKE).await;
    world.count(|report| report.refusals += 1);
}

/// Asks with the functions' login for everything that is over to be forgotten, now and then until the end.
pub async fn forget(world: Arc<World>) {
    let statements = [
        "SELECT navigator.sweep('{}', 50, 0, 0)",
        "SELECT navigator.prune('requests', 0, 0)",
        "SELECT navigator.prune('journal', -1, -1)",
    ];
    while !world.is_over() {
        for statement in statements {
            // Before the server is back nothing is forgotten either.
            world.functions_do(statement).await;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
