// Reads views through node's pg, and binds parameters: prints a name and numbers of rows.
'use strict';
const { Client } = require('pg');

async function main([connectionString, ...views]) {
  const client = new Client({ connectionString });
  await client.connect();
  const ask = async (sql, ...values) => Object.values((await client.query(sql, values)).rows[0])[0];
  for (const view of views) {
    console.log(view, (await client.query(`SELECT * FROM stp_bi.${view}`)).rows.length);
  }
  await client.query('CREATE TEMP TABLE bound (period stp.period)');
  await client.query('INSERT INTO bound VALUES ($1)', ['2026-03']);
  console.log('bound',
    await ask('SELECT count(*) FROM stp.observation WHERE period = $1', '2026-03'),
    await ask('SELECT count(*) FROM stp.assess($1, $2)', 'stp-2026', '2026-03'),
    await ask('SELECT count(*) FROM bound b JOIN (SELECT $1::varchar AS label) l ON b.period = l.label', '2026-03'),
    await ask('SELECT count(*) FROM bound WHERE period BETWEEN $1::text AND $2', '2026-01', '2026-03'));
  await client.end();
}

main(process.argv.slice(2)).catch((error) => { console.error(error.message); process.exit(1); });
