<?php
/**
 * Plugin Name: Munadi
 * Description: Tells Munadi of posts that are published, changed, or taken back. Put this file into wp-content/mu-plugins/.
 *
 * In wp-config.php:
 *   define( 'MUNADI_URL', 'https://munadi.example.org/webhooks/cms/site' );
 *   define( 'MUNADI_SECRET', getenv( 'MUNADI_SECRET' ) );
 */

defined( 'ABSPATH' ) || exit;

const MUNADI_QUEUE   = 'munadi_queue_';
const MUNADI_LIMIT   = 500;
const MUNADI_HOOK    = 'munadi_send';
const MUNADI_TIMEOUT = 5;

/** Every way of a post into or out of sight goes through here. */
add_action( 'transition_post_status', 'munadi_transition', 20, 3 );
add_action( 'before_delete_post', 'munadi_deleted', 20, 1 );
add_action( MUNADI_HOOK, 'munadi_send_queue' );

function munadi_transition( string $new, string $old, WP_Post $post ): void {
	if ( 'post' !== $post->post_type || wp_is_post_revision( $post ) || wp_is_post_autosave( $post ) ) {
		return;
	}
	if ( 'publish' !== $new && 'publish' !== $old ) {
		return;
	}
	// Tags, categories and the picture are stored after the status: look at the post once the request is done.
	$event = 'publish' === $new ? ( 'publish' === $old ? 'update' : 'publish' ) : 'delete';
	munadi_enqueue( $post->ID, $event );
}

function munadi_deleted( int $id ): void {
	if ( 'publish' === get_post_status( $id ) && 'post' === get_post_type( $id ) ) {
		munadi_enqueue( $id, 'delete' );
	}
}

/** The newest event of each post waits in an option of its own, so that two requests at once lose nothing. */
function munadi_enqueue( int $id, string $event ): void {
	update_option( MUNADI_QUEUE . $id, array( 'event' => $event, 'at' => microtime( true ) ), false );
	if ( ! has_action( 'shutdown', 'munadi_send_queue' ) ) {
		add_action( 'shutdown', 'munadi_send_queue' );
	}
}

/** The oldest first. With more than MUNADI_LIMIT waiting, the oldest of all are given up, and the log says so. */
function munadi_waiting(): array {
	global $wpdb;
	$names = $wpdb->get_col(
		$wpdb->prepare(
			"SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s ORDER BY option_id",
			$wpdb->esc_like( MUNADI_QUEUE ) . '%'
		)
	);
	$late = array_splice( $names, 0, max( 0, count( $names ) - MUNADI_LIMIT ) );
	foreach ( $late as $name ) {
		error_log( 'Munadi was away for too long: gave up ' . $name );
		delete_option( $name );
	}
	return $names;
}

/** Stops at the first call that does not get through: no editor waits for a machine that is away. */
function munadi_send_queue(): void {
	foreach ( munadi_waiting() as $name ) {
		$entry = get_option( $name );
		if ( ! is_array( $entry ) ) {
			continue;
		}
		$id     = (int) substr( $name, strlen( MUNADI_QUEUE ) );
		$answer = munadi_call( munadi_body( $id, $entry['event'] ) );
		$status = is_wp_error( $answer ) ? 0 : (int) wp_remote_retrieve_response_code( $answer );
		$taken  = $status >= 200 && $status < 300;
		// 401 (secret or clock), 404 (address), 408 and 429 are put right elsewhere: then it is told again.
		$final = $status >= 400 && $status < 500 && ! in_array( $status, array( 401, 403, 404, 408, 429 ), true );
		if ( ! $taken ) {
			$text = is_wp_error( $answer ) ? $answer->get_error_message() : wp_remote_retrieve_body( $answer );
			error_log( 'Munadi did not take post ' . $id . ' (' . $status . '): ' . substr( $text, 0, 500 ) );
		}
		if ( ! $taken && ! $final ) {
			break;
		}
		wp_cache_delete( $name, 'options' );
		// Somebody has changed the post meanwhile: that goes in its own turn.
		if ( get_option( $name ) === $entry ) {
			delete_option( $name );
		}
	}
	if ( munadi_waiting() && ! wp_next_scheduled( MUNADI_HOOK ) ) {
		wp_schedule_single_event( time() + MINUTE_IN_SECONDS, MUNADI_HOOK );
	}
}

function munadi_body( int $id, string $event ): string {
	$post = get_post( $id );
	if ( 'delete' === $event || ! $post ) {
		return (string) wp_json_encode( array( 'event' => 'delete', 'post' => array( 'id' => $id ) ) );
	}
	$picture = get_post_thumbnail_id( $post );
	$data    = array(
		'id'           => $id,
		'status'       => $post->post_status,
		'link'         => get_permalink( $post ),
		'title'        => array( 'rendered' => get_the_title( $post ) ),
		'content'      => array( 'rendered' => apply_filters( 'the_content', $post->post_content ) ),
		'excerpt'      => array( 'rendered' => $post->post_excerpt ),
		'date_gmt'     => $post->post_date_gmt,
		'modified_gmt' => $post->post_modified_gmt,
		'author_name'  => get_the_author_meta( 'display_name', (int) $post->post_author ),
		'categories'   => wp_get_post_categories( $id, array( 'fields' => 'names' ) ),
		'tags'         => wp_get_post_tags( $id, array( 'fields' => 'names' ) ),
		'post_password' => $post->post_password,
	);
	if ( $picture ) {
		$data['featured_image'] = array(
			'url' => wp_get_attachment_image_url( $picture, 'full' ),
			'alt' => (string) get_post_meta( $picture, '_wp_attachment_image_alt', true ),
		);
	}
	return (string) wp_json_encode( array( 'event' => $event, 'post' => $data ) );
}

/** Signed over the raw body, with the time, so that nobody can send it again later. */
function munadi_call( string $body ) {
	$time = (string) time();
	$mac  = hash_hmac( 'sha256', $time . '.' . $body, MUNADI_SECRET );
	return wp_remote_post(
		MUNADI_URL,
		array(
			'timeout' => MUNADI_TIMEOUT,
			'headers' => array(
				'Content-Type'       => 'application/json',
				'X-Munadi-Timestamp' => $time,
				'X-Munadi-Signature' => 'sha256=' . $mac,
			),
			'body'    => $body,
		)
	);
}
