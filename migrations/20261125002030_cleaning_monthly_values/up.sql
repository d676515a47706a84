-- What a booking brings in a month on average, in smallest units: what a visit costs now, times its
-- visits in a month. As `monthly_value` of the program says it.
CREATE FUNCTION cleaning.monthly_value(segments jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT round((last ->> 'price')::numeric * CASE recurrence #>> '{}'
      WHEN 'once' THEN 0
      WHEN 'weekly' THEN 52
      WHEN 'everyTwoWeeks' THEN 26
      WHEN 'everyThreeWeeks' THEN 52 / 3.0
      WHEN 'everyFourWeeks' THEN 13
      WHEN 'nthWeekday' THEN 12
      WHEN 'dayOfMonth' THEN 12
      ELSE 52 * jsonb_array_length(recurrence -> 'severalWeekdays')
    END / 12)::bigint
  FROM (SELECT segments -> -1 AS last, segments -> -1 #> '{schedule,recurrence}' AS recurrence) AS s
$$;
