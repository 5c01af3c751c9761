from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.corpus.statements import Statement
from storage.engine import reading, writing
from tests.databases import PostgresServer

_SUM = Statement("SELECT sum(value), :name FROM ({values}) AS given")
_INSERT = Statement("INSERT INTO story_term (term, articles, newest) VALUES (:term, :articles, :newest)")
_COUNT = Statement("SELECT count(*) FROM story_term")


def test_a_statement_is_the_same_on_both_databases(engine: Engine) -> None:
    with reading(engine) as connection:
        assert _SUM.rows(connection, range(1000), name="n") == [(499500, "n")]
        assert _SUM.rows(connection, [], name="n") == [(None, "n")]


def test_what_it_writes_belongs_to_the_transaction(engine: Engine) -> None:
    with writing(engine) as connection:
        _INSERT.run_for_each(connection, [{"term": n, "articles": 1, "newest": b""} for n in range(10)])
        assert _COUNT.rows(connection) == [(10,)]
        connection.rollback()
    with reading(engine) as connection:
        assert _COUNT.rows(connection) == [(0,)]


def test_a_reader_sees_one_state_from_its_first_statement_on(engine: Engine) -> None:
    with reading(engine) as connection:
        assert _COUNT.rows(connection) == [(0,)]
        assert connection.in_transaction()


def test_failures_are_those_of_sqlalchemy(engine: Engine) -> None:
    twice = [{"term": 1, "articles": 1, "newest": b""}] * 2
    with pytest.raises(IntegrityError), writing(engine) as connection:
        _INSERT.run_for_each(connection, twice)
    with pytest.raises(DBAPIError), reading(engine) as connection:
        Statement("SELECT 1 FROM").rows(connection)


def test_a_lost_connection_is_given_up(postgres: PostgresServer) -> None:
    with reading(postgres.engine) as connection:
        _COUNT.rows(connection)
        postgres.restart()
        with pytest.raises(DBAPIError) as told:
            _COUNT.rows(connection)
        assert told.value.connection_invalidated
        assert connection.invalidated
