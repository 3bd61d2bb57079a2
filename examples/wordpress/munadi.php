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

const MUNADI_QUEUE   = 'munadi_queue';
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

/** The newest event of each post waits in an option, so that nothing is lost while Munadi is away. */
function munadi_enqueue( int $id, string $event ): void {
	$queue        = (array) get_option( MUNADI_QUEUE, array() );
	$queue[ $id ] = array( 'event' => $event, 'tries' => 0 );
	if ( count( $queue ) > MUNADI_LIMIT ) {
		$queue = array_slice( $queue, -MUNADI_LIMIT, null, true );
	}
	update_option( MUNADI_QUEUE, $queue, false );
	if ( ! has_action( 'shutdown', 'munadi_send_queue' ) ) {
		add_action( 'shutdown', 'munadi_send_queue' );
	}
}

function munadi_send_queue(): void {
	$queue = (array) get_option( MUNADI_QUEUE, array() );
	foreach ( $queue as $id => $entry ) {
		$answer = munadi_call( munadi_body( (int) $id, $entry['event'] ) );
		$status = is_wp_error( $answer ) ? 0 : (int) wp_remote_retrieve_response_code( $answer );
		$late   = (array) get_option( MUNADI_QUEUE, array() );
		// Somebody has changed the post meanwhile: that goes in its own turn.
		if ( ( $late[ $id ] ?? null ) !== $entry ) {
			continue;
		}
		if ( $status >= 200 && $status < 300 || 422 === $status ) {
			unset( $late[ $id ] );
			if ( 422 === $status ) {
				error_log( 'Munadi refused post ' . $id . ': ' . wp_remote_retrieve_body( $answer ) );
			}
		} else {
			$late[ $id ]['tries']++;
		}
		update_option( MUNADI_QUEUE, $late, false );
	}
	if ( count( (array) get_option( MUNADI_QUEUE, array() ) ) > 0 && ! wp_next_scheduled( MUNADI_HOOK ) ) {
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
